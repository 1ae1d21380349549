"""A worker in forty lines of Python, without any of Millrace's code: answers `shout`, sometimes in the wrong ways on purpose."""
import json
import sys

import pika

connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
channel = connection.channel()
channel.queue_declare("shout", durable=True)
channel.basic_qos(prefetch_count=10)


def handle(channel, method, properties, body):
    post = json.loads(body)
    text = post["text"]
    if text == "never answer":
        channel.basic_ack(method.delivery_tag)
        return
    headers = {}
    reply = json.dumps({"shouted": text.upper(), "attempt": properties.headers["attempt"]})
    if text == "fail for good":
        headers, reply = {"error": json.dumps({"type": "bad_text", "message": "this text is refused"})}, ""
    if text == "answer twice":
        publish(channel, properties, headers, reply)
    if text == "answer nonsense":
        reply = "[this is no object"
    publish(channel, properties, headers, reply)
    channel.basic_ack(method.delivery_tag)


def publish(channel, properties, headers, reply):
    answer = pika.BasicProperties(
        correlation_id=properties.correlation_id, content_type="application/json", delivery_mode=2, headers=headers)
    channel.basic_publish("", properties.reply_to, reply, answer)


channel.basic_consume("shout", handle)
print("ready", flush=True)
channel.start_consuming()
