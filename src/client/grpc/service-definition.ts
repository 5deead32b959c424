/**
 * The methods of a service as `@grpc/grpc-js` wants them, made from the descriptors of its schema.
 *
 * 1. Encoding and decoding are those of the wire layer, so a call costs what the codec costs.
 * 2. Decoding a request never throws: the library would answer INTERNAL for what the caller did
 *    wrong. An {@link Undecodable} is handed on instead.
 */
import type { DescMethod, DescService, Message } from '@bufbuild/protobuf'
import type { MethodDefinition } from '@grpc/grpc-js'
import { messageCodec } from '../../wire/message-codec.ts'

/** A request that is no message of its type. */
export class Undecodable {
  readonly cause: unknown

  constructor(cause: unknown) {
    this.cause = cause
  }
}

/** What a method's handler is given. */
export type ReceivedRequest = Message | Undecodable

/** A method for server and client. */
export type GrpcMethod = MethodDefinition<ReceivedRequest, Message>

/** One method. */
export function grpcMethod(method: DescMethod): GrpcMethod {
  const { input, output, methodKind } = method
  const requests = messageCodec(input)
  const responses = messageCodec(output)
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    originalName: method.localName,
    requestStream: methodKind === 'client_streaming' || methodKind === 'bidi_streaming',
    responseStream: methodKind === 'server_streaming' || methodKind === 'bidi_streaming',
    requestSerialize: (request) => bufferOf(requests.encode(messageIn(request))),
    requestDeserialize: (bytes) => {
      try {
        return requests.decode(bytes)
      } catch (cause) {
        return new Undecodable(cause)
      }
    },
    responseSerialize: (response) => bufferOf(responses.encode(response)),
    responseDeserialize: (bytes) => responses.decode(bytes),
  }
}

/** Every method of a service, by its name in camel case. */
export function grpcMethods(service: DescService): Readonly<Record<string, GrpcMethod>> {
  return Object.fromEntries(service.methods.map((method) => [method.localName, grpcMethod(method)]))
}

function messageIn(request: ReceivedRequest): Message {
  if (request instanceof Undecodable) throw request.cause
  return request
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
