import { compensating, createTelemetry, reportOf, WorkflowContext } from 'amends/workflow'

const order = compensating('OrderWorkflow', { errorMode: 'original' })
  .step({
    name: 'reserve_inventory',
    run: async (sku: string) => ({ sku, reservation: 'r-1' }),
    compensate: async ({ reservation }, _, { reason, idempotencyKey }) =>
      console.log('release', reservation, `because ${reason}`, idempotencyKey !== ''),
  })
  .step({
    name: 'charge_payment',
    run: async (data) => ({ ...data, charge: 'c-1' }),
    compensate: async () => {
      throw new Error('the bank is closed')
    },
    compensationRetry: { maxRetries: 2, initialDelayMs: 1 },
  })
  .step({
    name: 'ship_order',
    run: async (): Promise<string> => {
      throw new Error('no carrier')
    },
    // It may have been handed over before the connection broke: cancelling it does no harm.
    undoUnknown: async ({ sku }) => console.log('cancel the shipment of', sku),
  })
  .build()

const context = new WorkflowContext({ telemetry: createTelemetry({ log: 'none' }) })
const error: unknown = await order.execute('chai', context).catch((thrown: unknown) => thrown)
const report = reportOf(error)
console.log(report?.status, 'because', report?.failedStep, 'failed:', String(error))
for (const { name, forward, undo, undoAttempts } of report?.steps ?? []) {
  console.log(name, forward, undo, undoAttempts)
}
