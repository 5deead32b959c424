import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OrderCompletedSchema, OrderCreatedSchema } from '../../test/fixtures/gen/orders_pb.ts'
import { CommandRejectedError } from '../errors/client-error.ts'
import { uuidFor } from './book-builders.ts'
import { ScenarioContext } from './scenario-context.ts'

function filled(): ScenarioContext {
  const context = new ScenarioContext()
  context.domain = 'order'
  context.root = uuidFor('order-42')
  context.addEvent(OrderCreatedSchema, { orderId: 'ord-42' })
  context.addEvent(OrderCompletedSchema, {})
  context.result = 'something'
  context.error = new CommandRejectedError('no')
  context.state = { created: true }
  return context
}

describe('ScenarioContext', () => {
  it('starts empty', () => {
    const { domain, root, events, result, error, state } = new ScenarioContext()
    assert.deepEqual([domain, root.length, events.length], ['', 0, 0])
    assert.deepEqual([result, error, state], [undefined, undefined, undefined])
  })

  it('makes a book of its history', () => {
    const book = filled().eventBook()
    assert.equal(book.cover?.domain, 'order')
    assert.deepEqual(book.cover?.root?.value, uuidFor('order-42'))
    assert.equal(book.nextSequence, 2)
    assert.deepEqual(
      book.pages.map(({ header }) => header?.sequenceType),
      [
        { case: 'sequence', value: 0 },
        { case: 'sequence', value: 1 },
      ],
    )
    assert.ok(book.pages.every(({ createdAt }) => createdAt !== undefined))
  })

  it('forgets the history alone', () => {
    const context = filled()
    context.clearEvents()
    assert.deepEqual(context.events, [])
    assert.equal(context.result, 'something')
  })

  it('forgets result and rejection alone', () => {
    const context = filled()
    context.clearResult()
    assert.deepEqual([context.result, context.error], [undefined, undefined])
    assert.equal(context.events.length, 2)
  })

  it('is as new after a reset [client-C-0120]', () => {
    const context = filled()
    context.reset()
    assert.deepEqual([context.domain, context.root.length, context.events.length], ['', 0, 0])
    assert.deepEqual(
      [context.result, context.error, context.state],
      [undefined, undefined, undefined],
    )
  })
})
