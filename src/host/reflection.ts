/**
 * Server reflection: a server describes its services, so that tools such as grpcurl need no files.
 * Versions v1 and v1alpha answer alike.
 *
 * 1. A question without an answer gets an error of its own; the stream goes on.
 * 2. A file is answered with everything it imports, the file itself first.
 */
import {
  create,
  type DescFile,
  type DescService,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf'
import { nestedTypes } from '@bufbuild/protobuf/reflect'
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import { iterateBounded } from '../abort.ts'
import { statusNumber } from '../client/grpc/status-number.ts'
import { systemClock } from '../clock.ts'
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from '../proto/grpc/reflection/v1/reflection_pb.ts'
import {
  type ServerReflectionRequest as AlphaRequest,
  ServerReflectionRequestSchema as AlphaRequestSchema,
  type ServerReflectionResponse as AlphaResponse,
  ServerReflectionResponseSchema as AlphaResponseSchema,
  ServerReflection as ServerReflectionAlpha,
} from '../proto/grpc/reflection/v1alpha/reflection_pb.ts'
import { type GrpcService, grpcService } from './grpc-service.ts'

type Answer = NonNullable<
  MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']
>
type Question = ServerReflectionRequest['messageRequest']

/**
 * The two services that describe these services, and themselves.
 *
 * @param closing ends the streams of callers who would keep a server from shutting down
 */
export function reflectionServices(
  services: readonly DescService[],
  closing?: AbortSignal,
): readonly GrpcService[] {
  const description = describe([...services, ServerReflection, ServerReflectionAlpha])
  const answer = (request: ServerReflectionRequest): ServerReflectionResponse =>
    create(ServerReflectionResponseSchema, {
      validHost: request.host,
      originalRequest: request,
      messageResponse: answerTo(description, request.messageRequest),
    })
  return [
    grpcService(ServerReflection, {
      serverReflectionInfo: async function* (requests) {
        for await (const request of until(closing, requests)) yield answer(request)
      },
    }),
    grpcService(ServerReflectionAlpha, {
      serverReflectionInfo: async function* (requests) {
        for await (const request of until(closing, requests)) {
          yield toAlpha(answer(fromAlpha(request)))
        }
      },
    }),
  ]
}

/** What comes until the signal aborts; then the stream is over, and that is no error. */
async function* until<T>(
  signal: AbortSignal | undefined,
  source: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* iterateBounded({ signal }, systemClock(), () => source)
  } catch (error) {
    if (signal?.aborted !== true) throw error
  }
}

/** The messages of the two versions are the same on the wire. */
function fromAlpha(request: AlphaRequest): ServerReflectionRequest {
  return fromBinary(ServerReflectionRequestSchema, toBinary(AlphaRequestSchema, request))
}

function toAlpha(response: ServerReflectionResponse): AlphaResponse {
  return fromBinary(AlphaResponseSchema, toBinary(ServerReflectionResponseSchema, response))
}

/** Everything that can be asked for, by name. */
type Description = {
  readonly services: readonly string[]
  readonly files: ReadonlyMap<string, DescFile>
  readonly fileOfSymbol: ReadonlyMap<string, DescFile>
  /** Extended message, then number. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, DescFile>>
}

function describe(services: readonly DescService[]): Description {
  const files = new Map<string, DescFile>()
  const fileOfSymbol = new Map<string, DescFile>()
  const extensions = new Map<string, Map<number, DescFile>>()
  const visit = (file: DescFile): void => {
    const name = pathOf(file)
    if (files.has(name)) return
    file.dependencies.forEach(visit)
    files.set(name, file)
    for (const symbol of symbolsOf(file)) fileOfSymbol.set(symbol, file)
    for (const type of nestedTypes(file)) {
      if (type.kind !== 'extension') continue
      const known = extensions.get(type.extendee.typeName) ?? new Map<number, DescFile>()
      extensions.set(type.extendee.typeName, known.set(type.number, file))
    }
  }
  for (const { file } of services) visit(file)
  const names = new Set(services.map(({ typeName }) => typeName))
  return { services: [...names].toSorted(), files, fileOfSymbol, extensions }
}

function symbolsOf(file: DescFile): readonly string[] {
  const symbols: string[] = []
  for (const type of nestedTypes(file)) {
    symbols.push(type.typeName)
    if (type.kind === 'message') {
      symbols.push(...type.fields.map(({ name }) => `${type.typeName}.${name}`))
    }
    if (type.kind === 'enum') {
      const scope = type.typeName.slice(0, type.typeName.lastIndexOf('.') + 1)
      symbols.push(...type.values.map(({ name }) => `${scope}${name}`))
    }
    if (type.kind === 'service') {
      symbols.push(...type.methods.map(({ name }) => `${type.typeName}.${name}`))
    }
  }
  return symbols
}

function answerTo(description: Description, question: Question): Answer {
  switch (question.case) {
    case 'listServices': {
      const service = description.services.map((name) => ({ name }))
      return { case: 'listServicesResponse', value: { service } }
    }
    case 'fileByFilename':
      return fileAnswer(description.files.get(question.value))
    case 'fileContainingSymbol':
      return fileAnswer(description.fileOfSymbol.get(question.value))
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = question.value
      return fileAnswer(description.extensions.get(containingType)?.get(extensionNumber))
    }
    case 'allExtensionNumbersOfType': {
      const baseTypeName = question.value
      if (!description.fileOfSymbol.has(baseTypeName)) return unknown()
      const extensionNumber = [...(description.extensions.get(baseTypeName)?.keys() ?? [])]
      return { case: 'allExtensionNumbersResponse', value: { baseTypeName, extensionNumber } }
    }
    case undefined:
      return refusal('INVALID_ARGUMENT', 'nothing was asked')
  }
}

function fileAnswer(file: DescFile | undefined): Answer {
  if (file === undefined) return unknown()
  const closure = new Map<string, DescFile>()
  const visit = (one: DescFile): void => {
    if (closure.has(pathOf(one))) return
    one.dependencies.forEach(visit)
    closure.set(pathOf(one), one)
  }
  visit(file)
  // The file that was asked for comes first, as callers expect.
  const ordered = [file, ...[...closure.values()].filter((one) => one !== file)]
  const fileDescriptorProto = ordered.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto))
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } }
}

function pathOf(file: DescFile): string {
  return file.proto.name
}

function unknown(): Answer {
  return refusal('NOT_FOUND', 'the server does not know it')
}

function refusal(status: 'NOT_FOUND' | 'INVALID_ARGUMENT', errorMessage: string): Answer {
  return { case: 'errorResponse', value: { errorCode: statusNumber(status), errorMessage } }
}
