import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import * as amends from '../../src/index.ts'
import * as testing from '../../src/testing/index.ts'

const root: Readonly<Record<string, unknown>> = amends

/** Names of the contract, each group under the fact that lists it. */
const groups: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'the four clients',
    'client-C-0089',
    ['CommandHandlerClient', 'DomainClient', 'QueryClient', 'SpeculativeClient'],
  ],
  [
    'the router, its errors and the five typed routers',
    'client-C-0090',
    [
      'Router',
      'BuildError',
      'DispatchError',
      'CommandHandlerRouter',
      'SagaRouter',
      'ProcessManagerRouter',
      'ProjectorRouter',
      'UpcasterRouter',
    ],
  ],
  [
    'the five kinds',
    'client-C-0091',
    ['commandHandler', 'saga', 'processManager', 'projector', 'upcaster'],
  ],
  [
    'the roles of methods',
    'client-C-0092',
    ['handles', 'applies', 'rejected', 'stateFactory', 'upcasts'],
  ],
  [
    'the responses of handlers',
    'client-C-0093',
    ['SagaHandlerResponse', 'ProcessManagerResponse', 'RejectionHandlerResponse'],
  ],
  [
    'the five adapters',
    'client-C-0094',
    ['CommandHandlerGrpc', 'SagaGrpc', 'ProcessManagerGrpc', 'ProjectorGrpc', 'UpcasterGrpc'],
  ],
  [
    'the base of errors and the rejection',
    'client-C-0095',
    ['ClientError', 'CommandRejectedError'],
  ],
  [
    'the constants',
    'client-C-0097',
    [
      'CORRELATION_ID_HEADER',
      'DEFAULT_EDITION',
      'META_ANGZARR_DOMAIN',
      'PROJECTION_DOMAIN_PREFIX',
      'PROJECTION_TYPE_URL',
      'TYPE_URL_PREFIX',
      'UNKNOWN_DOMAIN',
      'WILDCARD_DOMAIN',
      'INVENTORY_PRODUCT_NAMESPACE',
    ],
  ],
  [
    'the helpers of identity',
    'client-C-0098',
    [
      'computeRoot',
      'customerRoot',
      'productRoot',
      'orderRoot',
      'inventoryRoot',
      'inventoryProductRoot',
      'cartRoot',
      'fulfillmentRoot',
      'toProtoBytes',
    ],
  ],
  ['retries', 'client-C-0100', ['RetryPolicy', 'ExponentialBackoffRetry', 'defaultRetryPolicy']],
  [
    'validation',
    'client-C-0101',
    [
      'requireExists',
      'requireNotExists',
      'requirePositive',
      'requireNonNegative',
      'requireNotEmpty',
      'requireNotEmptyStr',
      'requireStatus',
      'requireStatusNot',
    ],
  ],
  [
    'compensation',
    'client-C-0102',
    [
      'delegateToFramework',
      'emitCompensationEvents',
      'pmDelegateToFramework',
      'pmEmitCompensationEvents',
      'isNotification',
      'CompensationContext',
      'PMRevocationResponse',
    ],
  ],
  ['the two builders', 'client-C-0104', ['CommandBuilder', 'QueryBuilder']],
  ['destinations', 'client-C-0105', ['Destinations']],
  [
    'servers',
    'client-C-0106',
    ['configureLogging', 'getTransportConfig', 'createServer', 'runServer', 'cleanupSocket'],
  ],
]

describe('amends exports', () => {
  for (const [what, id, names] of groups) {
    it(`${what} [${id}]`, () => {
      for (const name of names) assert.ok(root[name] !== undefined, name)
    })
  }

  it('the helpers of tests, under amends/testing [client-C-0099]', () => {
    const names = [
      'DEFAULT_TEST_NAMESPACE',
      'ScenarioContext',
      'makeCover',
      'makeEventPage',
      'makeEventBook',
      'makeCommandPage',
      'makeCommandBook',
      'makeTimestamp',
      'testingPackEvent',
      'uuidFor',
      'uuidStrFor',
      'uuidObjFor',
    ]
    const exported: Readonly<Record<string, unknown>> = testing
    for (const name of names) assert.ok(exported[name] !== undefined, name)
  })

  it('errors with the four predicates [client-C-0096]', () => {
    const error = new amends.ClientError('x')
    const answers = [
      error.isNotFound(),
      error.isPreconditionFailed(),
      error.isInvalidArgument(),
      error.isConnectionError(),
    ]
    assert.deepEqual(answers, [false, false, false, false])
  })
})
