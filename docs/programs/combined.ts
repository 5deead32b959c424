import {
  CompensationPrimitive,
  createTelemetry,
  fallback,
  parallel,
  retry,
  timeout,
  WorkflowContext,
} from 'amends/workflow'

type Trip = { readonly who: string }

let tries = 0
const bookFlight = async (trip: Trip) => {
  if (++tries < 3) throw new Error('the airline is busy')
  return { ...trip, flight: 'LX-8' }
}
const bookRoom = async (trip: Trip) => ({ ...trip, room: '12' })
const payInCash = async () => ({ paidBy: 'cash' })
const payByCard = async (): Promise<{ paidBy: string }> => {
  throw new Error('no card')
}

const flight = new CompensationPrimitive(
  [[retry(bookFlight, { maxRetries: 3, initialDelayMs: 1 }), () => console.log('flight undone')]],
  { name: 'flight' },
)
const room = new CompensationPrimitive(
  [[timeout(bookRoom, { timeoutMs: 1_000 }), () => console.log('room undone')]],
  { name: 'room' },
)
const trip = new CompensationPrimitive(
  [
    [parallel(flight, room)], // workflows inside unwind with the one around them
    [fallback(payByCard, payInCash), ({ paidBy }) => console.log(paidBy, 'paid back')],
    [() => Promise.reject(new Error('the office is closed'))],
  ],
  { name: 'trip' },
)

const context = new WorkflowContext({ telemetry: createTelemetry({ log: 'none' }) })
await trip.execute({ who: 'ada' }, context).catch((error: unknown) => console.log(String(error)))
