import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Component } from '../../src/component/definition.ts'
import { defineProcessManager } from '../../src/component/define-process-manager.ts'
import { defineProjector } from '../../src/component/define-projector.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import type { StartPosition } from '../../src/coordinator/coordinator.ts'
import * as counters from '../fixtures/gen/counter_pb.ts'
import * as versions from '../fixtures/gen/versions_pb.ts'
import { NAME } from './failing-components.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openShop } from './open-shop.ts'
import { inCents, modern, old, oldLedger, set } from './prices.ts'
import { refusalOf } from './refusals.ts'
import { sequencesOf } from './shop-commands.ts'
import { typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

describe('an upcaster', () => {
  test('renews what a state is folded from and what a query reads; what is stored stays as it is', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    await using shop = await openShop([modern(), inCents()], { folder })
    await set(shop, 1)
    const events = await shop.client('price').query('p-1').events(versions.PriceSetV2Schema)
    assert.deepEqual(
      events.map(({ message }) => message.priceCents),
      [300, 400, 701],
    )
    assert.deepEqual(await typesOf(shop.ledger, 'price', 'p-1'), [
      'PriceSetV1',
      'PriceSetV1',
      'PriceSetV2',
    ])
  })

  const seen: number[] = []
  const see = ({ priceCents }: versions.PriceSetV2): void => void seen.push(priceCents)
  const followers: Record<string, Component> = {
    saga: defineSaga({ name: NAME, source: 'price', target: 'price' }).handles(
      versions.PriceSetV2Schema,
      see,
    ),
    'process manager': defineProcessManager({
      name: NAME,
      pmDomain: 'pricing',
      sources: ['price'],
      targets: ['price'],
      state: versions.PriceStateSchema,
    }).handles(versions.PriceSetV2Schema, see),
    projector: defineProjector({ name: NAME, domains: ['price'] }).handles(
      versions.PriceSetV2Schema,
      see,
    ),
  }
  const from: StartPosition = 'beginning'
  for (const [kind, follower] of Object.entries(followers)) {
    test(`renews what a ${kind} reacts to`, async () => {
      seen.length = 0
      await using folder = await ledgerFolder()
      await oldLedger(folder)
      const settings = { [NAME]: { from } }
      await using shop = await openShop([modern(), inCents(), follower], { folder, settings })
      await shop.settled()
      assert.deepEqual(
        seen.sort((one, other) => one - other),
        [300, 400],
      )
    })

    test(`that fails keeps an event of a ${kind} on the desk`, async () => {
      seen.length = 0
      await using folder = await ledgerFolder()
      {
        await using shop = await openShop([old], { folder })
        await set(shop, 3, 'p-1')
        await set(shop, 4, 'p-2')
      }
      const failing = inCents((price) => {
        if (price === 3) throw new Error('three is no price')
        return price * 100
      })
      const settings = { [NAME]: { from } }
      await using shop = await openShop([modern(), failing, follower], { folder, settings })
      await shop.settled()
      assert.deepEqual(seen, [400])
      const letters = await shop.deadLetters.list()
      assert.deepEqual(
        letters.map(({ code, attempts }) => [code, attempts]),
        [['UPCASTER_FAILED', 1]],
      )
    })
  }

  test('that fails refuses the command for its aggregate, and nothing is stored', async () => {
    await using folder = await ledgerFolder()
    await oldLedger(folder)
    let broken = true
    const failing = inCents((price) => {
      if (broken) throw new Error('out of order')
      return price * 100
    })
    await using shop = await openShop([modern(), failing], { folder })
    const refusal = await refusalOf(set(shop, 1))
    assert.equal(refusal.code, 'UPCASTER_FAILED')
    assert.equal(refusal.grpcStatus, 'INTERNAL')
    assert.equal((await typesOf(shop.ledger, 'price', 'p-1')).length, 2)
    broken = false
    const command = shop.client('price').command('p-1').withMessage(counters.AddSchema, { n: 1 })
    assert.deepEqual(sequencesOf(await command.execute()), [2])
  })
})
