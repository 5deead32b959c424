/** The stock of an article, in TypeScript; `python/stock.py` is the same in Python. */
import { CommandRejectedError, create, defineAggregate, requirePositive } from 'amends'
import * as messages from './gen/stock_pb.ts'

export const stock = defineAggregate({ domain: 'stock', state: messages.StockStateSchema })
  .handles(messages.AddStockSchema, ({ quantity }) => {
    requirePositive(quantity, 'quantity')
    return create(messages.StockAddedSchema, { quantity })
  })
  .handles(messages.TakeStockSchema, ({ quantity }, { onHand }) => {
    requirePositive(quantity, 'quantity')
    if (onHand < quantity) {
      const details = { on_hand: onHand }
      throw CommandRejectedError.preconditionFailed('NOT_ENOUGH_STOCK', 'not enough stock', details)
    }
    return create(messages.StockTakenSchema, { quantity })
  })
  .applies(messages.StockAddedSchema, (state, { quantity }) => {
    state.onHand += quantity
  })
  .applies(messages.StockTakenSchema, (state, { quantity }) => {
    state.onHand -= quantity
  })
