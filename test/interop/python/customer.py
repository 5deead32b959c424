"""Uses a coordinator as any client does: commands, a refusal, a query, and a stream.

python3 customer.py localhost:1310 prints what it answers, one JSON object a line.
"""

import json
import sys

import grpc

from generated import command_handler_pb2, error_details_pb2, status_pb2, types_pb2
import stock_pb2

PACKAGE = "/angzarr_client.proto.angzarr"
COVER = types_pb2.Cover(
    domain="stock", correlation_id="corr-py", root=types_pb2.UUID(value=bytes(range(16)))
)


def say(**answer):
    print(json.dumps(answer, separators=(",", ":")), flush=True)


def command(message, sequence):
    request = types_pb2.CommandRequest()
    request.command.cover.CopyFrom(COVER)
    page = request.command.pages.add()
    page.header.sequence = sequence
    page.command.Pack(message)
    return request


def refusal(error):
    """The code that the trailer carries."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Is(info.DESCRIPTOR):
                    detail.Unpack(info)
    return {"refused": info.reason, "status": error.code().name}


def page_of(page):
    return [page.header.sequence, page.event.type_url.split("/")[-1]]


def main():
    with grpc.insecure_channel(sys.argv[1]) as channel:
        handle = channel.unary_unary(
            f"{PACKAGE}.CommandHandlerCoordinatorService/HandleCommand",
            request_serializer=types_pb2.CommandRequest.SerializeToString,
            response_deserializer=command_handler_pb2.CommandResponse.FromString,
        )
        queries = {
            "request_serializer": types_pb2.Query.SerializeToString,
            "response_deserializer": types_pb2.EventBook.FromString,
        }
        one = channel.unary_unary(f"{PACKAGE}.EventQueryService/GetEventBook", **queries)
        many = channel.unary_stream(f"{PACKAGE}.EventQueryService/GetEvents", **queries)
        tries = [
            (stock_pb2.AddStock(quantity=5), 0, "add"),
            (stock_pb2.TakeStock(quantity=3), 1, "take"),
            (stock_pb2.TakeStock(quantity=9), 2, "too-many"),
            (stock_pb2.AddStock(quantity=0), 2, "nothing"),
        ]
        for message, sequence, key in tries:
            metadata = (("x-correlation-id", "corr-py"), ("x-idempotency-key", key))
            for _ in range(2):  # a caller that is not sure asks again with the same key
                try:
                    events = handle(
                        command(message, sequence),
                        metadata=metadata,
                        wait_for_ready=True,
                        timeout=30,
                    ).events
                    say(events=[page_of(page) for page in events.pages])
                except grpc.RpcError as error:
                    say(**refusal(error))
        query = types_pb2.Query(cover=COVER)
        book = one(query, timeout=30)
        say(
            stored=[page_of(page) for page in book.pages],
            correlation=book.cover.correlation_id,
        )
        streamed = [page_of(page) for part in many(query, timeout=30) for page in part.pages]
        say(streamed=streamed)


if __name__ == "__main__":
    main()
