"""The stock of an article, in Python; stock.ts is the same in TypeScript.

Serves the contract's CommandHandlerService until SIGTERM and prints the address it listens on:
python3 stock.py [host:port]
"""

import signal
import sys
from concurrent import futures

import grpc

from generated import command_handler_pb2, error_details_pb2, status_pb2, types_pb2
import stock_pb2

PREFIX = "type.googleapis.com/"
SERVICE = "angzarr_client.proto.angzarr.CommandHandlerService"


class Refused(Exception):
    """A business refusal: a status, a code, a text, and details."""

    def __init__(self, status, code, text, **details):
        super().__init__(text)
        self.status, self.code, self.text, self.details = status, code, text, details


def on_hand(book):
    """What the history adds up to."""
    total = 0
    for page in book.pages:
        if page.event.type_url == PREFIX + "stock.StockAdded":
            total += stock_pb2.StockAdded.FromString(page.event.value).quantity
        elif page.event.type_url == PREFIX + "stock.StockTaken":
            total -= stock_pb2.StockTaken.FromString(page.event.value).quantity
    return total


def decide(command, book):
    """The event that a command leads to."""
    if command.type_url == PREFIX + "stock.AddStock":
        quantity = stock_pb2.AddStock.FromString(command.value).quantity
        require_positive(quantity)
        return stock_pb2.StockAdded(quantity=quantity)
    if command.type_url == PREFIX + "stock.TakeStock":
        quantity = stock_pb2.TakeStock.FromString(command.value).quantity
        require_positive(quantity)
        there = on_hand(book)
        if there < quantity:
            raise Refused(
                grpc.StatusCode.FAILED_PRECONDITION,
                "NOT_ENOUGH_STOCK",
                "not enough stock",
                on_hand=str(there),
            )
        return stock_pb2.StockTaken(quantity=quantity)
    raise Refused(
        grpc.StatusCode.INVALID_ARGUMENT,
        "NO_HANDLER_REGISTERED",
        "no handler registered for the given (domain, type_url)",
        type_url=command.type_url,
    )


def require_positive(quantity):
    if quantity == 0:
        raise Refused(
            grpc.StatusCode.INVALID_ARGUMENT,
            "VALUE_NOT_POSITIVE",
            "value must be positive",
            field="quantity",
        )


def handle(request, context):
    """Answers one command."""
    try:
        event = decide(request.command.pages[0].command, request.events)
    except Refused as refused:
        refuse(context, refused)
    page = types_pb2.EventPage(header=types_pb2.PageHeader(sequence=request.events.next_sequence))
    page.event.Pack(event)
    return command_handler_pb2.BusinessResponse(events=types_pb2.EventBook(pages=[page]))


def refuse(context, refused):
    """Ends the call with status, text, and the code in the trailer."""
    info = error_details_pb2.ErrorInfo(
        reason=refused.code, domain="angzarr.io", metadata=refused.details
    )
    status = status_pb2.Status(code=refused.status.value[0], message=refused.text)
    status.details.add().Pack(info)
    trailer = ("grpc-status-details-bin", status.SerializeToString())
    context.set_trailing_metadata((trailer,))
    context.abort(refused.status, refused.text)


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50052"
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    handler = grpc.unary_unary_rpc_method_handler(
        handle,
        request_deserializer=types_pb2.ContextualCommand.FromString,
        response_serializer=command_handler_pb2.BusinessResponse.SerializeToString,
    )
    service = grpc.method_handlers_generic_handler(SERVICE, {"Handle": handler})
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port(address)
    server.start()
    print(f"{address.rsplit(':', 1)[0]}:{port}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(5))
    server.wait_for_termination()


if __name__ == "__main__":
    main()
