"""Linear models whose weights become columns of one embedding table.

A text's features are the sums of its n-grams' rows; one column holds squared weights, so that the graph can divide by the
norm of the text as TF-IDF does. Length enters beside them.
"""

import numpy as np
from scipy import sparse
from sklearn.linear_model import Ridge

LENGTH_SCALE = 0.3


class Space:
    """The weighted bag of n-grams of a text, divided by its norm, with its length."""

    def __init__(self, idf):
        self.idf = idf.astype(np.float32)

    @staticmethod
    def counts(ids, offsets, vocabulary_size):
        shape = (len(offsets) - 1, vocabulary_size)
        # A copy, since summing sorts the ids in place, and the convolution needs their order.
        counts = sparse.csr_matrix((np.ones(len(ids), np.float32), ids.copy(), offsets), shape=shape)
        counts.sum_duplicates()
        return counts

    @staticmethod
    def idf_of(counts, row_weights):
        """Rarity, zero for what occurs in fewer than two texts. Rows count by weight: the scored comments set the scale."""
        seen = counts.copy()
        seen.data[:] = 1
        df = np.asarray(seen.T @ row_weights).ravel()
        idf = np.log((1 + row_weights.sum()) / (1 + df)) + 1
        return np.where(np.asarray(seen.sum(0)).ravel() >= 2, idf, 0)

    def matrix(self, counts):
        norm = np.sqrt(counts @ self.idf ** 2).clip(1)
        weighted = sparse.diags(1 / norm) @ counts @ sparse.diags(self.idf)
        length = np.log1p(np.asarray(counts.sum(1)).ravel()) - 5
        extra = np.stack([length, length ** 2], 1) * LENGTH_SCALE
        return sparse.hstack([weighted, sparse.csr_matrix(extra)]).tocsr().astype(np.float32)


def fit(matrix, target, weight, alpha, tolerance):
    """(a weight per n-gram and the two of length, intercept); rows of weight 0 are left out."""
    rows = np.flatnonzero(weight > 0)
    model = Ridge(alpha=alpha, solver="sparse_cg", tol=tolerance, max_iter=60)
    model.fit(matrix[rows], target[rows], sample_weight=weight[rows])
    return model.coef_.astype(np.float32), float(model.intercept_)
