import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import type { JsonValue } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { codeOf } from '../../../errors.ts'
import { grpcService } from '../../../host/grpc-service.ts'
import { CommandHandlerCoordinatorService } from '../../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import { findRoute, httpRoutes } from './http-routes.ts'
import { messageTypes } from './message-types.ts'
import { requestOfHttp } from './request-of-http.ts'

const routes = httpRoutes(
  [EventQueryService, CommandHandlerCoordinatorService].map((schema) => grpcService(schema, {})),
)

/** Names that mean something somewhere, so that arbitrary JSON gets further than its first key. */
const name = fc.constantFrom(
  'command',
  'cover',
  'domain',
  'root',
  'value',
  'pages',
  'header',
  'sequence',
  'sync_mode',
  'syncMode',
  '@type',
  '@value',
  'edition',
  'divergences',
  'external',
  '__proto__',
  'constructor',
  'toString',
  '',
)
const text = fc.oneof(
  fc.constantFrom('order', 'AA==', 'type.googleapis.com/google.protobuf.Duration', '3s', '-1'),
  fc.string(),
)
const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium' },
    text,
    fc.constantFrom(null, true, 0, -1, 1.5, 2 ** 32),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(name, tie('json'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** What becomes of a request: `read`, or the code that it is refused with. */
function outcome(verb: string, path: string, parts: Parameters<typeof requestOfHttp>[1]): string {
  try {
    requestOfHttp(findRoute(routes, { verb, path }), parts, messageTypes())
    return 'read'
  } catch (error) {
    return codeOf(error)
  }
}

test('whatever a body holds, it is read or refused as what cannot be read', () => {
  fc.assert(
    fc.property(json, (body) => {
      const parts = { body, query: new URLSearchParams() }
      const became = outcome('POST', '/v1/ch/order/commands', parts)
      assert.ok(became === 'read' || became === 'REQUEST_UNDECODABLE', became)
    }),
    { numRuns: 2_000 },
  )
})

test('whatever a query says, it is read or refused as what cannot be read', () => {
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('.'))
  fc.assert(
    fc.property(fc.array(fc.tuple(path, text), { maxLength: 4 }), (pairs) => {
      const query = new URLSearchParams()
      for (const [one, value] of pairs) query.append(one, value)
      const became = outcome('GET', '/v1/query/order/events', { body: undefined, query })
      assert.ok(became === 'read' || became === 'REQUEST_UNDECODABLE', became)
    }),
    { numRuns: 2_000 },
  )
})
