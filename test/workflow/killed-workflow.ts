/** An order that notes its steps in a file, and can be made to hang in the middle. */
import { appendFileSync } from 'node:fs'
import { CompensationPrimitive } from '../../src/workflow/compensation-primitive.ts'

/** The workflow; with `hangs` its second step never ends. */
export function killedWorkflow(
  notes: string,
  hangs: boolean,
): CompensationPrimitive<{ readonly sku: string }, unknown> {
  const note = (line: string): void => appendFileSync(notes, `${line}\n`)
  return new CompensationPrimitive(
    [
      {
        name: 'reserve',
        run: async (order: { readonly sku: string }, { idempotencyKey }) => {
          note(`reserve ${idempotencyKey}`)
          return { ...order, reservationId: 'r-1' }
        },
        compensate: (output) => note(`release ${output.reservationId}`),
      },
      {
        name: 'charge',
        run: async (order, { idempotencyKey }) => {
          note(`charge ${idempotencyKey}`)
          if (hangs) await new Promise(() => undefined)
          return { ...order, chargeId: 'c-1' }
        },
        compensate: (output) => note(`refund ${output.chargeId}`),
      },
      {
        name: 'ship',
        run: (): unknown => {
          note('ship')
          throw new Error('no carrier')
        },
      },
    ],
    { name: 'killed-order' },
  )
}
