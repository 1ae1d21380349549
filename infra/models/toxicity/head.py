"""The small network over the columns, and the monotone calibration after it."""

import numpy as np
import torch
from torch import nn

MEMBERS, HIDDEN, EPOCHS, BATCH = 4, 32, 30, 512
KNOTS = 24
ALWAYS_ON = 50.0


def train(features, targets, weights, seed=0):
    """An average of small networks, as one: (W1, b1, W2, b2). The first target is a logit (squared error), the others 0 or 1."""
    members = [_member(features, targets, weights, seed + i) for i in range(MEMBERS)]
    first = np.concatenate([m[0].weight.detach().numpy() for m in members])
    first_bias = np.concatenate([m[0].bias.detach().numpy() for m in members])
    second = np.concatenate([m[2].weight.detach().numpy() for m in members], axis=1) / MEMBERS
    second_bias = sum(m[2].bias.detach().numpy() for m in members) / MEMBERS
    return first.T.copy(), first_bias, second.T.copy(), second_bias


def _member(features, targets, weights, seed):
    torch.manual_seed(seed)
    x, y, w = (torch.tensor(a, dtype=torch.float32) for a in (features, np.nan_to_num(targets), weights))
    net = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, y.shape[1]))
    optimiser = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-3)
    order = np.random.default_rng(seed)
    steps = EPOCHS * (len(x) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(EPOCHS):
        for rows in np.array_split(order.permutation(len(x)), len(x) // BATCH + 1):
            out = net(x[rows])
            squared = (out[:, :1] - y[rows, :1]) ** 2
            entropy = nn.functional.binary_cross_entropy_with_logits(out[:, 1:], y[rows, 1:], reduction="none")
            loss = (torch.cat([squared, entropy], 1) * w[rows]).sum(0) / w[rows].sum(0).clamp(min=1)
            optimiser.zero_grad()
            loss.sum().backward()
            optimiser.step()
            schedule.step()
    return net


def add_straight(head, shares):
    """Adds features, each times its weight in `shares`, to the first output: a unit that never switches off."""
    first, first_bias, second, second_bias = head
    unit = np.zeros((len(first), 1))
    unit[list(shares), 0] = list(shares.values())
    out = np.zeros((1, second.shape[1]))
    out[0, 0] = 1
    second_bias = second_bias - out[0] * ALWAYS_ON
    return np.hstack([first, unit]), np.append(first_bias, ALWAYS_ON), np.vstack([second, out]), second_bias


def forward(features, head):
    first, first_bias, second, second_bias = head
    return np.maximum(features @ first + first_bias, 0) @ second + second_bias


def calibrate(scores, truth):
    """A rising broken line that gives `scores` the distribution of `truth` (both logits): as many pass any threshold.

    Returned as (knots, slopes, start): start + sum(slopes * max(score - knot, 0)); slopes are the changes at the knots.
    """
    top = [0.95, 0.965, 0.98, 0.988, 0.993, 0.996, 0.998, 0.9995]
    quantiles = np.concatenate([[0.002, 0.01], np.linspace(0.03, 0.93, KNOTS - 2 - len(top)), top])
    knots, values = np.quantile(scores, quantiles), np.quantile(truth, quantiles)
    knots += np.arange(KNOTS) * 1e-6
    rise = np.clip(np.diff(values) / np.diff(knots), 0.05, 5)
    ends = values[0] + np.concatenate([[0], np.cumsum(rise * np.diff(knots))])
    slopes = np.diff(np.concatenate([[0], rise, [rise[-4:].mean()]]))
    # Below the first knot the line goes on: a knot far to the left starts it.
    far = knots[0] - 20
    slopes[0] = 0
    return (np.concatenate([[far], knots]), np.concatenate([[rise[0]], slopes]), float(ends[0] - 20 * rise[0]))


def apply_calibration(scores, calibration):
    knots, slopes, start = calibration
    return start + np.maximum(scores[:, None] - knots[None, :], 0) @ slopes
