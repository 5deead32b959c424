import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isMessage, type JsonValue } from '@bufbuild/protobuf'
import { grpcService } from '../../../host/grpc-service.ts'
import { CommandHandlerCoordinatorService } from '../../../proto/angzarr_client/proto/angzarr/command_handler_pb.ts'
import { EventQueryService } from '../../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import { DlqAdminService } from '../../../proto/angzarr_client/proto/angzarr/status/dlq_admin_pb.ts'
import {
  CommandRequestSchema,
  type Query,
  QuerySchema,
} from '../../../proto/angzarr_client/proto/angzarr/types_pb.ts'
import { findRoute, httpRoutes } from './http-routes.ts'
import { messageTypes } from './message-types.ts'
import { requestOfHttp } from './request-of-http.ts'

const routes = httpRoutes(
  [EventQueryService, CommandHandlerCoordinatorService, DlqAdminService].map((schema) =>
    grpcService(schema, {}),
  ),
)

function requestOf(verb: string, target: string, body?: JsonValue): unknown {
  const [path = '', query = ''] = target.split('?')
  const parts = { body, query: new URLSearchParams(query) }
  return requestOfHttp(findRoute(routes, { verb, path }), parts, messageTypes())
}

function queryOf(query: string): Query {
  const request = requestOf('GET', `/v1/query/order/events?${query}`)
  assert.ok(isMessage(request, QuerySchema))
  return request
}

describe('a request over HTTP', () => {
  it('has fields within fields as parameters, under the names of JSON or of the .proto file', () => {
    const query = queryOf('cover.correlation_id=c&cover.edition.name=e&range.lower=3')
    assert.equal(query.cover?.domain, 'order')
    assert.equal(query.cover?.correlationId, 'c')
    assert.equal(query.cover?.edition?.name, 'e')
    assert.deepEqual(query.selection.case, 'range')
  })

  it('has lists as a parameter that is repeated, and times as texts', () => {
    const listed = queryOf('sequences.values=4&sequences.values=7').selection
    assert.ok(listed.case === 'sequences')
    assert.deepEqual(listed.value.values, [4, 7])
    const timed = queryOf('temporal.as_of_time=1970-01-01T00:00:09Z').selection
    assert.ok(timed.case === 'temporal' && timed.value.pointInTime.case === 'asOfTime')
    assert.equal(timed.value.pointInTime.value.seconds, 9n)
  })

  it('has bytes in base64, also when nobody escaped the plus', () => {
    for (const text of ['%2B%2F8%3D', '++8=', '-_8']) {
      const { cover } = queryOf(`cover.root.value=${text.replace('++8=', '+/8=')}`)
      assert.deepEqual([...(cover?.root?.value ?? [])], [0xfb, 0xff], text)
    }
  })

  it('may name a field in path and body when both say the same', () => {
    const body = (domain: string) => ({ command: { cover: { domain } } })
    const request = requestOf('POST', '/v1/ch/order/commands', body('order'))
    assert.ok(isMessage(request, CommandRequestSchema))
    assert.equal(request.command?.cover?.domain, 'order')
    const bare = requestOf('POST', '/v1/ch/order/commands', { command: null })
    assert.ok(isMessage(bare, CommandRequestSchema))
    assert.equal(bare.command?.cover?.domain, 'order')
    const other = () => requestOf('POST', '/v1/ch/order/commands', body('stock'))
    assert.throws(other, { code: 'REQUEST_UNDECODABLE' })
  })

  it('leaves nothing unread: what names no field is an error', () => {
    const wrong: readonly (readonly [string, string, JsonValue?])[] = [
      ['GET', '/v1/query/order/events?colour=red'],
      ['GET', '/v1/query/order/events?cover=x'],
      ['GET', '/v1/query/order/events?cover.domain=stock'],
      ['GET', '/v1/query/order/events?range.lower=1&range.lower=2'],
      ['GET', '/v1/query/order/events?range.lower=1&sequences.values=2'],
      ['GET', '/v1/query/order/events?__proto__.x=1'],
      ['GET', '/v1/query/order/events', {}],
      ['POST', '/v1/ch/order/commands?syncMode=1', {}],
      ['POST', '/v1/ch/order/commands', 'text'],
      ['POST', '/v1/ch/order/commands', JSON.parse('{"__proto__": 1}') as JsonValue],
      ['GET', '/api/dlq/12x'],
    ]
    for (const [verb, target, body] of wrong) {
      assert.throws(() => requestOf(verb, target, body), { code: 'REQUEST_UNDECODABLE' }, target)
    }
  })
})
