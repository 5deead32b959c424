import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { create } from '@bufbuild/protobuf'
import { AnySchema } from '@bufbuild/protobuf/wkt'
import { DispatchError } from '../../src/component/errors.ts'
import { grpcStatusOf } from '../../src/errors/client-error.ts'
import {
  type BusinessResponse,
  ReplayRequestSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import {
  CommandBookSchema,
  ContextualCommandSchema,
  type EventBook,
  EventBookSchema,
  SnapshotSchema,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { packAny, unpackAny } from '../../src/wire/any.ts'
import * as counter from '../fixtures/gen/counter_pb.ts'
import { counters } from './counter.ts'
import {
  bookOf,
  commandRequest,
  corrupt,
  corruptPage,
  coverOf,
  make,
  messagesIn,
  notificationRequest,
  outline,
  rejectionOf,
} from './envelopes.ts'
import { coded, dispatch } from './has-code.ts'
import { aggregates } from './routers.ts'

const increaseBy = (n: number) => make(counter.IncreaseBySchema, { n })
const increased = (n: number) => Array.from({ length: n }, () => make(counter.IncreasedSchema))
const add = () => make(counter.AddSchema)

function events({ result }: BusinessResponse): EventBook {
  assert.equal(result.case, 'events')
  return result.value as EventBook // told by its case
}

const sawAndSequence = (response: BusinessResponse): [number, number] => {
  const [added] = messagesIn(counter.AddedSchema, events(response).pages)
  assert.ok(added)
  return [Math.floor(added.n / 1000), added.n % 1000]
}

for (const { spelling, component } of counters) {
  describe(`the counter ${spelling}`, () => {
    const router = aggregates(component)

    test('numbers the events of a new aggregate from 0 [client-R-AGG-1]', async () => {
      for (const n of [1, 2, 5]) {
        const response = await router.dispatch(commandRequest('counter', increaseBy(n)))
        const sequences = outline(events(response).pages).map(([, sequence]) => sequence)
        assert.deepEqual(sequences, [...Array.from({ length: n }).keys()])
      }
    })

    test('continues behind the history [client-R-AGG-2]', async () => {
      const history = bookOf('counter', increased(1))
      const response = await router.dispatch(commandRequest('counter', increaseBy(2), history))
      assert.deepEqual(outline(events(response).pages), [
        ['counter.Increased', 1],
        ['counter.Increased', 2],
      ])
    })

    test('refuses an amount of 0 with the code of the guard [client-R-AGG-3]', async () => {
      const refused = router.dispatch(commandRequest('counter', increaseBy(0)))
      await assert.rejects(refused, coded('VALUE_NOT_POSITIVE', { field: 'n' }))
    })

    test('lets a plain error through, which is answered as INTERNAL [client-R-AGG-4]', async () => {
      const failing = commandRequest('counter', make(counter.FailHardSchema, { text: 'boom' }))
      await assert.rejects(router.dispatch(failing), (error) => {
        assert.deepEqual([String(error), grpcStatusOf(error)], ['Error: boom', 'INTERNAL'])
        return true
      })
    })

    test('reports an unknown command before it looks at the history [client-R-AGG-5]', async () => {
      const history = create(EventBookSchema, { pages: [corruptPage('counter.Increased')] })
      const request = commandRequest('counter', make(counter.ReserveSchema), history)
      const extras = { domain: 'counter', type_url: 'type.googleapis.com/counter.Reserve' }
      const refusal = dispatch('NO_HANDLER_REGISTERED', 'INVALID_ARGUMENT', extras)
      await assert.rejects(router.dispatch(request), refusal)
    })

    test('says which part of a command is missing [client-R-AGG-6] [client-R-AGG-7] [client-R-AGG-8]', async () => {
      const cover = coverOf('counter')
      const page = (typeUrl: string) => ({
        payload: { case: 'command' as const, value: create(AnySchema, { typeUrl }) },
      })
      const cases = [
        [undefined, 'MISSING_COMMAND_BOOK'],
        [create(CommandBookSchema, { cover }), 'MISSING_COMMAND_PAGE'],
        [create(CommandBookSchema, { pages: [page('x')] }), 'MISSING_COMMAND_BOOK'],
        [create(CommandBookSchema, { cover: {}, pages: [page('x')] }), 'MISSING_COMMAND_BOOK'],
        [create(CommandBookSchema, { cover, pages: [{}] }), 'MISSING_COMMAND_PAYLOAD'],
        [create(CommandBookSchema, { cover, pages: [page('')] }), 'MISSING_COMMAND_PAYLOAD'],
      ] as const
      for (const [command, code] of cases) {
        const request = create(ContextualCommandSchema, command === undefined ? {} : { command })
        await assert.rejects(router.dispatch(request), dispatch(code, 'INVALID_ARGUMENT'))
      }
    })

    test('refuses a history that cannot be read and does not decide [client-R-AGG-9]', async () => {
      const history = create(EventBookSchema, { pages: [corruptPage('counter.Increased')] })
      const request = commandRequest('counter', increaseBy(1), history)
      await assert.rejects(router.dispatch(request), coded('ANY_DECODE_FAILED'))
    })

    test('hands the client slot of the cover on to the events [client-R-AGG-10]', async () => {
      const request = commandRequest('counter', increaseBy(1))
      const ext = packAny(counter.TouchSchema, make(counter.TouchSchema))
      if (request.command?.cover !== undefined) request.command.cover.ext = ext
      const { cover } = events(await router.dispatch(request))
      assert.deepEqual(cover?.ext, ext)
    })

    test('answers a rejection with both markers in order [client-R-AGG-11]', async () => {
      const rejection = rejectionOf('stock', make(counter.ReserveSchema))
      const request = notificationRequest('counter', rejection, bookOf('counter', increased(3)))
      const { pages } = events(await router.dispatch(request))
      assert.deepEqual(outline(pages), [
        ['counter.FirstMarker', 3],
        ['counter.SecondMarker', 4],
      ])
      const [marker] = messagesIn(counter.FirstMarkerSchema, pages)
      assert.equal(marker?.reason, 'not enough stock')
    })

    test('answers a rejection nobody registered with nothing [client-R-AGG-12]', async () => {
      const rejection = rejectionOf('elsewhere', make(counter.ReserveSchema))
      const response = await router.dispatch(notificationRequest('counter', rejection))
      assert.deepEqual(events(response).pages, [])
    })

    test('tells a handler that there is no history [client-R-AGG-13]', async () => {
      const response = await router.dispatch(commandRequest('counter', add()))
      assert.deepEqual(sawAndSequence(response), [0, 0])
    })

    test('tells a handler what came before it [client-R-AGG-14]', async () => {
      const history = bookOf('counter', increased(2))
      const response = await router.dispatch(commandRequest('counter', add(), history))
      assert.deepEqual(sawAndSequence(response), [2, 2])
    })

    test('starts from a snapshot and folds newer pages only [client-R-AGG-15]', async () => {
      const history = bookOf('counter', increased(2), 10)
      const state = make(counter.CounterStateSchema, { count: 10 })
      history.snapshot = create(SnapshotSchema, {
        sequence: 10,
        state: packAny(counter.CounterStateSchema, state),
      })
      const response = await router.dispatch(commandRequest('counter', add(), history))
      assert.deepEqual(sawAndSequence(response), [11, 12])
    })

    test('replays events on top of a snapshot', async () => {
      const count = (n: number) => make(counter.CounterStateSchema, { count: n })
      const request = create(ReplayRequestSchema, {
        baseSnapshot: { state: packAny(counter.CounterStateSchema, count(10)) },
        events: bookOf('counter', increased(2)).pages,
      })
      const { state } = await router.dispatchReplay(request)
      assert.ok(state)
      assert.equal(unpackAny(counter.CounterStateSchema, state).count, 12)
    })

    test('fills the cover of a refusal', async () => {
      const request = commandRequest('counter', make(counter.TouchSchema))
      await assert.rejects(router.dispatch(request), (error) => {
        assert.ok(error instanceof Error && 'cover' in error)
        assert.equal(error.cover, request.command?.cover)
        return true
      })
    })

    test('refuses a command that cannot be read', async () => {
      const request = commandRequest('counter', corrupt('counter.IncreaseBy'))
      await assert.rejects(router.dispatch(request), (error) => {
        assert.ok(error instanceof DispatchError)
        assert.deepEqual([error.code, error.grpcCode], ['ANY_DECODE_FAILED', 'INVALID_ARGUMENT'])
        assert.deepEqual(Object.keys(error.extras), ['type_url', 'cause'])
        return true
      })
    })
  })
}
