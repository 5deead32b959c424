/** The coordinator between Python and TypeScript: a caller, a handler, and both. */
import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import * as messages from '../../examples/polyglot/gen/stock_pb.ts'
import { defineAggregate } from '../../src/component/define-aggregate.ts'
import { create } from '../../src/component/known-messages.ts'
import { requirePositive } from '../../src/component/validation.ts'
import { addressLink } from '../../src/coordinator/services/remote/component-link.ts'
import { remoteComponent } from '../../src/coordinator/services/remote/remote-component.ts'
import type { ComponentDefinition } from '../../src/component/definition.ts'
import { codeOf } from '../../src/errors.ts'
import { CommandRejectedError } from '../../src/errors/client-error.ts'
import { serveShop } from '../serve/served-shop.ts'
import { type PythonWorld, programs, pythonWorld, whyNoPython } from './python-world.ts'

const skip = (await whyNoPython()) ?? false

/** The stock of the example, which is written against the built package. */
const stock = defineAggregate({ domain: 'stock', state: messages.StockStateSchema })
  .handles(messages.AddStockSchema, ({ quantity }) => {
    requirePositive(quantity, 'quantity')
    return create(messages.StockAddedSchema, { quantity })
  })
  .handles(messages.TakeStockSchema, ({ quantity }, { onHand }) => {
    requirePositive(quantity, 'quantity')
    if (onHand < quantity) {
      throw CommandRejectedError.preconditionFailed('NOT_ENOUGH_STOCK', 'not enough stock')
    }
    return create(messages.StockTakenSchema, { quantity })
  })
  .applies(messages.StockAddedSchema, (state, { quantity }) => {
    state.onHand += quantity
  })
  .applies(messages.StockTakenSchema, (state, { quantity }) => {
    state.onHand -= quantity
  })

/** What a caller in Python sees, whoever decides. */
const expected = [
  { events: [[0, 'stock.StockAdded']] },
  { events: [[0, 'stock.StockAdded']] },
  { events: [[1, 'stock.StockTaken']] },
  { events: [[1, 'stock.StockTaken']] },
  { refused: 'NOT_ENOUGH_STOCK', status: 'FAILED_PRECONDITION' },
  { refused: 'NOT_ENOUGH_STOCK', status: 'FAILED_PRECONDITION' },
  { refused: 'VALUE_NOT_POSITIVE', status: 'INVALID_ARGUMENT' },
  { refused: 'VALUE_NOT_POSITIVE', status: 'INVALID_ARGUMENT' },
  {
    stored: [
      [0, 'stock.StockAdded'],
      [1, 'stock.StockTaken'],
    ],
    correlation: 'corr-py',
  },
  {
    streamed: [
      [0, 'stock.StockAdded'],
      [1, 'stock.StockTaken'],
    ],
  },
]

type Handler = AsyncDisposable & { readonly component: ComponentDefinition }

/** The stock, decided by a process in Python. */
async function stockInPython(python: PythonWorld): Promise<Handler> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await python.serve(programs.stock, '127.0.0.1:0'))
  const link = await addressLink(server.address)
  stack.defer(() => link.close())
  const kept = stack.move()
  return {
    component: remoteComponent({ kind: 'command_handler', domain: 'stock' }, link),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

describe('a coordinator between Python and TypeScript', { skip }, () => {
  it('answers a client in Python, once for a key, with codes', async () => {
    await using python = await pythonWorld()
    await using served = await serveShop([stock])
    assert.deepEqual(await python.run(programs.customer, served.endpoint), expected)
  })

  it('lets a handler in Python decide, on the history it keeps', async () => {
    await using python = await pythonWorld()
    await using handler = await stockInPython(python)
    await using served = await serveShop([handler.component])
    const client = served.shop.client('stock')
    const add = { quantity: 5 }
    await client.command('tea').withMessage(messages.AddStockSchema, add).execute()
    const take = (quantity: number) =>
      client.command('tea').withMessage(messages.TakeStockSchema, { quantity }).execute()
    await take(3)
    await assert.rejects(take(3), (error) => codeOf(error) === 'NOT_ENOUGH_STOCK')
    assert.equal((await client.query('tea').getPages()).length, 2)
  })

  it('stands between a client and a handler that are both in Python', async () => {
    await using python = await pythonWorld()
    await using handler = await stockInPython(python)
    await using served = await serveShop([handler.component])
    assert.deepEqual(await python.run(programs.customer, served.endpoint), expected)
  })
})
