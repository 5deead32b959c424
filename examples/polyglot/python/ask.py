"""Asks a server of the stock, whatever it is written in, as a coordinator would.

python3 ask.py localhost:50052 prints what it answers, one JSON object a line.
"""

import json
import sys

import grpc

from generated import command_handler_pb2, error_details_pb2, status_pb2, types_pb2
import stock_pb2


def taking(quantity):
    """A command for an article of which five are there."""
    cover = types_pb2.Cover(
        domain="stock", correlation_id="corr-1", root=types_pb2.UUID(value=bytes(16))
    )
    request = types_pb2.ContextualCommand()
    request.events.cover.CopyFrom(cover)
    request.events.next_sequence = 1
    request.events.pages.add().event.Pack(stock_pb2.StockAdded(quantity=5))
    request.command.cover.CopyFrom(cover)
    request.command.pages.add().command.Pack(stock_pb2.TakeStock(quantity=quantity))
    return request


def refusal(error):
    """Status and text of a failed call, with the code that the trailer carries."""
    info = error_details_pb2.ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Is(info.DESCRIPTOR):
                    detail.Unpack(info)
    return {
        "refused": info.reason or "GRPC_ERROR",
        "status": error.code().name,
        "text": error.details(),
        "details": dict(info.metadata),
    }


def main():
    endpoint = sys.argv[1] if len(sys.argv) > 1 else "localhost:50052"
    with grpc.insecure_channel(endpoint) as channel:
        handle = channel.unary_unary(
            "/angzarr_client.proto.angzarr.CommandHandlerService/Handle",
            request_serializer=types_pb2.ContextualCommand.SerializeToString,
            response_deserializer=command_handler_pb2.BusinessResponse.FromString,
        )
        for quantity in (3, 9, 0):
            try:
                pages = handle(taking(quantity), wait_for_ready=True, timeout=30).events.pages
                answer = {
                    "events": [page.event.type_url for page in pages],
                    "sequence": pages[0].header.sequence,
                }
            except grpc.RpcError as error:
                answer = refusal(error)
            print(json.dumps(answer, separators=(",", ":")), flush=True)


if __name__ == "__main__":
    main()
