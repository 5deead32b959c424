/**
 * A program that runs sagas until its input ends: `<ledger> <definition>:<id>...`. The bank is closed
 * until the file `<ledger>.bank` is there; the courier until `<ledger>.courier` is.
 */
import { existsSync } from 'node:fs'
import { refuse } from '../../src/machine/refusal.ts'
import { Saga } from '../../src/saga/dsl/saga.ts'
import { openSagaManager } from '../../src/saga/manager/open-saga-manager.ts'

const [ledger = '', ...start] = process.argv.slice(2)
const isOpen = (what: string): boolean => existsSync(`${ledger}.${what}`)

const order = new Saga<object>('order', { undos: { byHand: () => undefined } })
  .localStep((context) => ({ ...context, stock: 's-1' }), { name: 'stock' })
  .onFailure(() => undefined)
  .localStep((context) => ({ ...context, charge: 'c-1' }), {
    name: 'card',
    undoRetry: { maxAttempts: 1 },
  })
  .onFailure((context) => {
    if (!isOpen('bank') && !('token' in context)) throw new Error('the bank is closed')
  })
  .localStep(
    () => {
      throw refuse('no carrier', { code: 'NO_CARRIER' })
    },
    { name: 'ship' },
  )
  .commit()

const approval = new Saga<object>('approval')
  .localStep(() => undefined, { name: 'ask' })
  .onFailure(() => undefined)
  .waitFor('approved', (context, by) => ({ ...context, by }))
  .commit()

const parcel = new Saga<object>('parcel')
  .localStep(() => undefined, { name: 'pay' })
  .pivot()
  .localStep(
    () => {
      if (!isOpen('courier')) throw refuse('closed')
    },
    { name: 'post' },
  )
  .commit()

const gift = new Saga<object>('gift')
  .localStep(() => undefined, { name: 'wrap' })
  .onFailure(() => undefined)
  .commit()

const definitions = [order, approval, parcel, gift]
await using sagas = await openSagaManager({ ledger, definitions, limits: { leaseRenewalMs: 50 } })
for (const one of start) {
  const [name, id = ''] = one.split(':')
  const definition = definitions.find((known) => known.name === name) ?? order
  const started = await sagas.start(definition, { who: 'ada' }, { id })
  if (definition !== approval) await started.result()
}
process.stdout.write('ready\n')
process.stdin.resume()
await new Promise((resolve) => process.stdin.once('end', resolve))
