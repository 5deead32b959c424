/**
 * Asks a server of the stock, whatever it is written in, as a coordinator would: `node ask.js
 * localhost:50052`. Prints what it answers, one JSON object a line.
 */
import { create, GRPCError, packAny, connectChannel, serviceClient } from 'amends'
import { CommandHandlerService, ContextualCommandSchema } from 'amends/proto'
import * as messages from './gen/stock_pb.ts'

const [endpoint = 'localhost:50052'] = process.argv.slice(2)
await using channel = await connectChannel(endpoint)
const stock = serviceClient(CommandHandlerService, channel)

/** A command for an article of which five are there. */
const taking = (quantity: number) => {
  const added = packAny(
    messages.StockAddedSchema,
    create(messages.StockAddedSchema, { quantity: 5 }),
  )
  const take = packAny(messages.TakeStockSchema, create(messages.TakeStockSchema, { quantity }))
  const cover = { domain: 'stock', correlationId: 'corr-1', root: { value: new Uint8Array(16) } }
  return create(ContextualCommandSchema, {
    events: { cover, nextSequence: 1, pages: [{ payload: { case: 'event', value: added } }] },
    command: { cover, pages: [{ payload: { case: 'command', value: take } }] },
  })
}

for (const quantity of [3, 9, 0]) {
  try {
    const { result } = await stock.handle(taking(quantity))
    const pages = result.case === 'events' ? result.value.pages : []
    const events = pages.map(({ payload }) =>
      payload.case === 'event' ? payload.value.typeUrl : '',
    )
    console.log(JSON.stringify({ events, sequence: pages[0]?.header?.sequenceType.value }))
  } catch (error) {
    if (!(error instanceof GRPCError)) throw error
    const { code, grpcCode, grpcDetails, details } = error
    console.log(JSON.stringify({ refused: code, status: grpcCode, text: grpcDetails, details }))
  }
}
