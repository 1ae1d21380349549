// The wire behaviour of the JavaScript library of pedro-r-marques/workflow, and two workers on it. None of Millrace's code is used.
// Like that library: no prefetch limit, acknowledge first and then publish, app_id, persistent, no content type, no reply to a falsy
// result, nack with requeue when the handler throws.
import os from "node:os";
import amqp from "amqplib";

const handlers = {
  "count-word": ({ word }) => ({ word: [...word].length }),
  "sum-parts": async ({ parts, ...rest }) => ({ parts, total: parts.reduce((sum, part) => sum + part.total, 0), rest }),
};

const channel = await (await amqp.connect(process.env.AMQP_SERVER)).createChannel();
for (const [queue, handler] of Object.entries(handlers)) {
  await channel.assertQueue(queue, { durable: true });
  await channel.consume(queue, async (message) => {
    let result;
    try {
      result = await handler(JSON.parse(message.content.toString()));
    } catch {
      channel.nack(message);
      return;
    }
    channel.ack(message);
    if (!result) return;
    const { replyTo, correlationId } = message.properties;
    channel.publish("", replyTo, Buffer.from(JSON.stringify(result)), { appId: os.hostname(), persistent: true, correlationId });
  }, { noAck: false });
}
