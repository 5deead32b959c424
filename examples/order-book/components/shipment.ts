/** The parcel of one order: a carrier takes it, or none does. */
import { CommandRejectedError, create, defineAggregate } from 'amends'
import * as shipment from '../gen/shipment_pb.ts'

/** The aggregate `shipment`; root = order number. */
export const shipments = defineAggregate({ domain: 'shipment', state: shipment.StateSchema })
  .handles(shipment.RequestCarrierSchema, ({ order }, state) => {
    if (state.dispatched) throw refused('DISPATCHED', 'the parcel is on its way already')
    if (order?.shippedOn === undefined) throw refused('NO_CARRIER', 'no carrier takes the parcel')
    const { number, customer, shipper, shippedOn, lines } = order
    return create(shipment.ShipmentDispatchedSchema, {
      order: number,
      customer,
      shipper,
      shippedOn,
      lines,
    })
  })
  .applies(shipment.ShipmentDispatchedSchema, (state) => {
    state.dispatched = true
  })

function refused(code: string, text: string): CommandRejectedError {
  return CommandRejectedError.preconditionFailed(code, text)
}
