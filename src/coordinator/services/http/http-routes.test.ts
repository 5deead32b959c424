import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { grpcService } from '../../../host/grpc-service.ts'
import { ComponentSessionService } from '../../../proto/amends/component/v1/session_pb.ts'
import { EventQueryService } from '../../../proto/angzarr_client/proto/angzarr/query_pb.ts'
import { findRoute, httpRoutes } from './http-routes.ts'

const routes = httpRoutes([grpcService(EventQueryService, {})])

describe('the routes of services', () => {
  it('are those that the options of their methods name; a method without one has none', () => {
    assert.deepEqual(
      routes.map(({ verb, template, method }) => `${verb} ${template.text} ${method.name}`),
      [
        'GET /v1/query/{cover.domain}/events/stream GetEvents',
        'GET /v1/query/{cover.domain}/events GetEventBook',
        'GET /v1/query/aggregates GetAggregateRoots',
      ],
    )
    assert.deepEqual(httpRoutes([grpcService(ComponentSessionService, {})]), [])
  })

  it('are refused when two are alike', () => {
    const twice = [grpcService(EventQueryService, {}), grpcService(EventQueryService, {})]
    assert.throws(() => httpRoutes(twice), { code: 'CONFIGURATION_INVALID' })
  })

  it('are found by verb and path, escapes undone within a segment', () => {
    const { route, variables } = findRoute(routes, { verb: 'GET', path: '/v1/query/a%2Fb/events' })
    assert.equal(route.method.name, 'GetEventBook')
    assert.deepEqual(variables, [{ field: ['cover', 'domain'], text: 'a/b' }])
    const post = { verb: 'POST', path: '/v1/query/aggregates' }
    assert.throws(() => findRoute(routes, post), { code: 'PATH_METHOD_UNSUPPORTED' })
    const elsewhere = { verb: 'GET', path: 'http://other/v1/query/aggregates' }
    assert.throws(() => findRoute(routes, elsewhere), { code: 'PATH_UNKNOWN' })
    const broken = { verb: 'GET', path: '/v1/query/%zz/events' }
    assert.throws(() => findRoute(routes, broken), { code: 'REQUEST_UNDECODABLE' })
  })
})
