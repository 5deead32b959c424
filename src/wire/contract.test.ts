import { strict as assert } from 'node:assert'
import { readdir, readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { type DescService, getOption } from '@bufbuild/protobuf'
import { http } from '../proto/google/api/annotations_pb.ts'
import {
  CommandHandlerCoordinatorService,
  CommandHandlerService,
  CommandResponseSchema,
} from '../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  ProcessManagerCoordinatorService,
  ProcessManagerHandleResponseSchema,
  ProcessManagerService,
} from '../proto/angzarr_client/proto/angzarr/process_manager_pb.ts'
import {
  ProjectorCoordinatorService,
  ProjectorService,
} from '../proto/angzarr_client/proto/angzarr/projector_pb.ts'
import { EventQueryService } from '../proto/angzarr_client/proto/angzarr/query_pb.ts'
import {
  SagaCoordinatorService,
  SagaService,
} from '../proto/angzarr_client/proto/angzarr/saga_pb.ts'
import { DlqAdminService } from '../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import { EventStreamService } from '../proto/angzarr_client/proto/angzarr/stream_pb.ts'
import {
  AngzarrDeadLetterSchema,
  AngzarrDeferredSequenceSchema,
  CascadeErrorModeSchema,
  CompensateSchema,
  CoverSchema,
  MergeStrategySchema,
  RejectionNotificationSchema,
  SnapshotSchema,
  SyncModeSchema,
} from '../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { UpcasterService } from '../proto/angzarr_client/proto/angzarr/upcaster_pb.ts'

/** Each method as `Name(Request) Response` with its streams, and its route. */
function methodsOf(service: DescService): readonly string[] {
  return service.methods.map((method) => {
    const { pattern, body } = getOption(method, http)
    const path = typeof pattern.value === 'string' ? pattern.value : ''
    const kind = method.methodKind
    const input = (kind === 'bidi_streaming' ? 'stream ' : '') + method.input.name
    const output = (kind === 'unary' ? '' : 'stream ') + method.output.name
    const route = [pattern.case?.toUpperCase() ?? '', path, body].join(' ').trim()
    return `${method.name}(${input}) ${output}${route === '' ? '' : ` = ${route}`}`
  })
}

describe('the services of the contract', () => {
  const expected: readonly (readonly [DescService, string, readonly string[]])[] = [
    [
      CommandHandlerService,
      'angzarr_client.proto.angzarr.CommandHandlerService',
      [
        'Handle(ContextualCommand) BusinessResponse',
        'HandleFact(FactRequest) EventBook',
        'Replay(ReplayRequest) ReplayResponse',
      ],
    ],
    [
      CommandHandlerCoordinatorService,
      'angzarr_client.proto.angzarr.CommandHandlerCoordinatorService',
      [
        'HandleCommand(CommandRequest) CommandResponse = POST /v1/ch/{command.cover.domain}/commands *',
        'HandleEvent(EventRequest) FactInjectionResponse = POST /v1/ch/{events.cover.domain}/events *',
        'HandleSyncSpeculative(SpeculateCommandHandlerRequest) CommandResponse' +
          ' = POST /v1/ch/{command.cover.domain}/commands/speculative *',
        'HandleCompensation(CommandRequest) BusinessResponse' +
          ' = POST /v1/ch/{command.cover.domain}/compensation *',
      ],
    ],
    [
      ProcessManagerService,
      'angzarr_client.proto.angzarr.ProcessManagerService',
      ['Handle(ProcessManagerHandleRequest) ProcessManagerHandleResponse'],
    ],
    [
      ProcessManagerCoordinatorService,
      'angzarr_client.proto.angzarr.ProcessManagerCoordinatorService',
      [
        'Handle(ProcessManagerCoordinatorRequest) ProcessManagerHandleResponse = POST /v1/pm/handle *',
        'HandleSpeculative(SpeculatePmRequest) ProcessManagerHandleResponse' +
          ' = POST /v1/pm/speculative *',
      ],
    ],
    [
      SagaService,
      'angzarr_client.proto.angzarr.SagaService',
      ['Handle(SagaHandleRequest) SagaResponse'],
    ],
    [
      SagaCoordinatorService,
      'angzarr_client.proto.angzarr.SagaCoordinatorService',
      [
        'Execute(SagaHandleRequest) SagaResponse = POST /v1/saga/execute *',
        'ExecuteSpeculative(SpeculateSagaRequest) SagaResponse' +
          ' = POST /v1/saga/execute/speculative *',
      ],
    ],
    [
      ProjectorService,
      'angzarr_client.proto.angzarr.ProjectorService',
      ['Handle(EventBook) Projection', 'HandleSpeculative(EventBook) Projection'],
    ],
    [
      ProjectorCoordinatorService,
      'angzarr_client.proto.angzarr.ProjectorCoordinatorService',
      [
        'HandleSync(EventRequest) Projection = POST /v1/projector/sync *',
        'Handle(EventBook) Empty = POST /v1/projector *',
        'HandleSpeculative(SpeculateProjectorRequest) Projection = POST /v1/projector/speculative *',
      ],
    ],
    [
      EventQueryService,
      'angzarr_client.proto.angzarr.EventQueryService',
      [
        'GetEventBook(Query) EventBook = GET /v1/query/{cover.domain}/events',
        'GetEvents(Query) stream EventBook = GET /v1/query/{cover.domain}/events/stream',
        'Synchronize(stream Query) stream EventBook',
        'GetAggregateRoots(Empty) stream AggregateRoot = GET /v1/query/aggregates',
      ],
    ],
    [
      EventStreamService,
      'angzarr_client.proto.angzarr.EventStreamService',
      ['Subscribe(EventStreamFilter) stream EventBook = GET /v1/stream/{correlation_id}'],
    ],
    [
      UpcasterService,
      'angzarr_client.proto.angzarr.UpcasterService',
      ['Upcast(UpcastRequest) UpcastResponse'],
    ],
    [
      DlqAdminService,
      'angzarr_client.proto.angzarr.status.DlqAdminService',
      [
        'ListDeadLetters(ListDeadLettersRequest) ListDeadLettersResponse = GET /api/dlq',
        'GetDeadLetter(GetDeadLetterRequest) GetDeadLetterResponse = GET /api/dlq/{id}',
        'DeleteDeadLetter(DeleteDeadLetterRequest) DeleteDeadLetterResponse = DELETE /api/dlq/{id}',
        'ReplayDeadLetter(ReplayDeadLetterRequest) ReplayDeadLetterResponse' +
          ' = POST /api/dlq/{id}/replay *',
      ],
    ],
  ]
  for (const [service, name, methods] of expected) {
    test(`${name} has its methods and routes`, () => {
      assert.equal(service.typeName, name)
      assert.deepStrictEqual(methodsOf(service), methods)
    })
  }
})

describe('the enums of the contract', () => {
  const numbersOf = (schema: { values: readonly { name: string; number: number }[] }) =>
    schema.values.map(({ name, number }) => `${number} ${name}`)

  test('have the numbers of generation A, where zero means something', () => {
    assert.deepStrictEqual(numbersOf(SyncModeSchema), [
      '0 SYNC_MODE_ASYNC',
      '1 SYNC_MODE_SIMPLE',
      '2 SYNC_MODE_CASCADE',
      '3 SYNC_MODE_DECISION',
      '4 SYNC_MODE_ISOLATED',
    ])
    assert.deepStrictEqual(numbersOf(CascadeErrorModeSchema), [
      '0 CASCADE_ERROR_FAIL_FAST',
      '1 CASCADE_ERROR_CONTINUE',
      '2 CASCADE_ERROR_COMPENSATE',
      '3 CASCADE_ERROR_DEAD_LETTER',
    ])
    assert.deepStrictEqual(numbersOf(MergeStrategySchema), [
      '0 MERGE_COMMUTATIVE',
      '1 MERGE_STRICT',
      '2 MERGE_AGGREGATE_HANDLES',
      '3 MERGE_MANUAL',
    ])
  })
})

describe('the fields since generation B', () => {
  const added = [
    [CoverSchema, 'ext', 6],
    [AngzarrDeferredSequenceSchema, 'source_component', 3],
    [AngzarrDeferredSequenceSchema, 'command_index', 4],
    [SnapshotSchema, 'created_at', 5],
    [RejectionNotificationSchema, 'code', 7],
    [CompensateSchema, 'command_type', 4],
    [AngzarrDeadLetterSchema, 'compensation_delivery_failed', 15],
    [CommandResponseSchema, 'reaction_errors', 4],
    [ProcessManagerHandleResponseSchema, 'notification', 4],
  ] as const
  for (const [schema, name, number] of added) {
    test(`${schema.name}.${name} is number ${number}`, () => {
      assert.equal(schema.fields.find((field) => field.name === name)?.number, number)
    })
  }
})

describe('amends/proto', () => {
  test('lists every schema, enum and service of the contract', async () => {
    const root = new URL('../proto/', import.meta.url)
    const listed = namesIn(await readFile(new URL('index.js', root), 'utf8'), /(\w+)/g)
    for (const folder of ['angzarr_client/proto/angzarr/', 'sererr/v1/']) {
      const files = await readdir(new URL(folder, root), { recursive: true })
      for (const file of files.filter((name) => name.endsWith('_pb.js'))) {
        const text = await readFile(new URL(file, new URL(folder, root)), 'utf8')
        const made = [...namesIn(text, /^export const (\w+)/gm)]
        const missing = made.filter((name) => !name.startsWith('file_') && !listed.has(name))
        assert.deepStrictEqual(missing, [], file)
      }
    }
  })
})

function namesIn(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))
}
