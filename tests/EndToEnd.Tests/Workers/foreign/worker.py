"""The wire behaviour of the Python library of pedro-r-marques/workflow, and four workers on it. None of Millrace's code is used.

Like that library: no prefetch limit, acknowledge first and then publish over a connection of its own, app_id, content type, persistent,
nack with requeue when the handler throws.
"""
import json
import os
import sys

import pika

URL = os.environ["AMQP_SERVER"]
failed_once = set()


def seen(method, properties, body):
    return {
        "exchange": method.exchange, "routingKey": method.routing_key, "redelivered": method.redelivered,
        "contentType": properties.content_type, "deliveryMode": properties.delivery_mode, "correlationId": properties.correlation_id,
        "replyTo": properties.reply_to, "appId": properties.app_id, "messageId": properties.message_id, "type": properties.type,
        "expiration": properties.expiration, "input": body,
    }


def split_text(body):
    return {"parts": body["text"].split("\n"), "kept": body["kept"]}


def split_part(body):
    return {"words": body["part"].split(), "part": body["part"], "kept": body["kept"]}


def sum_words(body):
    # The gathered words are in the order of the list, and the task's result lies under the singular of the list's key.
    return {"part": {"counts": body["words"], "total": sum(body["words"])}}


def title(body):
    if "title" not in failed_once:
        failed_once.add("title")
        raise ValueError("the first delivery fails")
    return None


HANDLERS = {"split-text": split_text, "split-part": split_part, "sum-words": sum_words, "titles": title}


def on_message(channel, method, properties, body):
    try:
        message = json.loads(body)
        response = HANDLERS[method.routing_key](message)
    except Exception:
        channel.basic_nack(method.delivery_tag)
        return
    if method.routing_key == "split-text":
        response["seen"] = seen(method, properties, message)
    channel.basic_ack(method.delivery_tag)
    reply = pika.BasicProperties(
        app_id=sys.argv[0], content_type="application/json", delivery_mode=2, correlation_id=properties.correlation_id)
    connection = pika.BlockingConnection(pika.URLParameters(URL))
    connection.channel().basic_publish("", properties.reply_to, "" if response is None else json.dumps(response), properties=reply)
    connection.close()


channel = pika.BlockingConnection(pika.URLParameters(URL)).channel()
for queue in HANDLERS:
    channel.queue_declare(queue=queue, durable=True)
    channel.basic_consume(on_message_callback=on_message, queue=queue)
channel.start_consuming()
