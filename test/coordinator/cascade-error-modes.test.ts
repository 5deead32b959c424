import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { fromBinary } from '@bufbuild/protobuf'
import { rejectedCommandOf } from './dead-letter-contents.ts'
import { defineSaga } from '../../src/component/define-saga.ts'
import { definitionOf } from '../../src/component/definition-of.ts'
import { command } from '../../src/component/outgoing-books.ts'
import {
  CascadeErrorMode,
  CompensateSchema,
  NotificationSchema,
  SyncMode,
} from '../../src/proto/angzarr_client/proto/angzarr/types_pb.ts'
import { unpackAny } from '../../src/wire/any.ts'
import * as fulfillment from '../fixtures/gen/fulfillment_pb.ts'
import * as inventory from '../fixtures/gen/inventory_pb.ts'
import * as orders from '../fixtures/gen/orders_pb.ts'
import * as payment from '../fixtures/gen/payment_pb.ts'
import { cardShop, declined, orderIn } from './card-shop.ts'
import { commandTypeOf } from './dead-letter-contents.ts'
import { openFaultyShop } from './faulty-shop.ts'
import { ledgerFolder } from './ledger-folder.ts'
import { openMortalShop } from './mortal-shop.ts'
import { openShop, type Shop } from './open-shop.ts'
import { refusalOf } from './refusals.ts'
import { rowsOf, typesOf } from './stored-events.ts'
import { twice as test } from './twice.ts'

const { CASCADE } = SyncMode
const {
  CASCADE_ERROR_FAIL_FAST: FAIL_FAST,
  CASCADE_ERROR_CONTINUE: CONTINUE,
  CASCADE_ERROR_COMPENSATE: COMPENSATE,
  CASCADE_ERROR_DEAD_LETTER: DEAD_LETTER,
} = CascadeErrorMode

const SEND = fulfillment.CreateShipmentSchema.typeName
const RESERVE = inventory.ReserveStockSchema.typeName

/** What each aggregate holds in the end. */
async function booksOf(shop: Shop): Promise<Readonly<Record<string, readonly string[]>>> {
  return {
    order: await typesOf(shop.ledger, 'order', 'order-1'),
    inventory: await typesOf(shop.ledger, 'inventory', 'sku-1'),
    payment: await typesOf(shop.ledger, 'payment', 'card-1'),
    shipping: await typesOf(shop.ledger, 'shipping', 'parcel-1'),
  }
}

const FORWARD = {
  order: ['OrderCreated', 'OrderNoteAdded'],
  inventory: ['StockReserved'],
  payment: [],
  shipping: ['ShipmentCreated'],
}

describe('a cascade in which a command is refused', () => {
  for (const [name, mode, id] of [
    ['FAIL_FAST', FAIL_FAST, 'coordinator-C-0436'],
    ['no error mode', undefined, 'coordinator-C-0437'],
  ] as const) {
    test(`fails with the refusal in ${name}, and nothing is undone [${id}]`, async () => {
      await using shop = await openShop(cardShop())
      const refusal = await refusalOf(orderIn(shop, CASCADE, mode))
      assert.equal(refusal.code, 'CARD_DECLINED')
      assert.equal(refusal.message, 'card declined')
      assert.equal(refusal.grpcStatus, 'FAILED_PRECONDITION')
      assert.deepEqual(
        [refusal.details['component'], refusal.details['target_domain']],
        ['charge-saga', 'payment'],
      )
      await shop.settled()
      assert.deepEqual(await booksOf(shop), FORWARD)
      assert.deepEqual(await shop.deadLetters.list(), [])
    })
  }

  test('succeeds in CONTINUE and lists the refusal once [coordinator-C-0438, weakness-15]', async () => {
    await using shop = await openShop(cardShop())
    const response = await orderIn(shop, CASCADE, CONTINUE)
    assert.deepEqual(
      response.reactionErrors.map(({ component, target, commandType, code, message }) => [
        component,
        target?.domain,
        commandType,
        code,
        message,
      ]),
      [['charge-saga', 'payment', payment.ProcessPaymentSchema.typeName, 9, 'card declined']],
    )
    assert.deepEqual(await booksOf(shop), FORWARD)
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  test('succeeds in CONTINUE although the saga is told of the refusal before its source is', async () => {
    const listening = defineSaga({ name: 'charge-saga', source: 'order', target: 'payment' })
      .handles(orders.OrderCreatedSchema, () =>
        command('payment', 'card-1', payment.ProcessPaymentSchema, { amount: 5n }),
      )
      .rejected('payment', payment.ProcessPaymentSchema, () => undefined)
    const others = cardShop().filter((one) => definitionOf(one).label !== 'charge-saga')
    await using shop = await openShop([...others, listening])
    const response = await orderIn(shop, CASCADE, CONTINUE)
    assert.equal(response.reactionErrors.length, 1)
    assert.deepEqual(await booksOf(shop), FORWARD)
  })

  test('succeeds in DEAD_LETTER, its command on the desk [coordinator-C-0441]', async () => {
    await using shop = await openShop(cardShop())
    const response = await orderIn(shop, CASCADE, DEAD_LETTER)
    assert.deepEqual(response.reactionErrors, [])
    assert.deepEqual(await booksOf(shop), FORWARD)
    const letters = await shop.deadLetters.list()
    assert.deepEqual(
      letters.map(({ domain, component, kind, reason, key }) => [
        domain,
        component,
        kind,
        reason,
        key,
      ]),
      [['payment', 'charge-saga', 'saga', 'card declined', undefined]],
    )
    assert.equal(commandTypeOf(letters[0]?.letter), payment.ProcessPaymentSchema.typeName)
  })

  test('fails in COMPENSATE, and what it has carried out is undone [coordinator-C-0439]', async () => {
    const undone: string[] = []
    await using shop = await openShop(cardShop({ undone: (type) => undone.push(type) }))
    const refusal = await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    assert.equal(refusal.code, 'CARD_DECLINED')
    await shop.settled()
    const books = await booksOf(shop)
    assert.deepEqual(books['order'], ['OrderCreated', 'OrderNoteAdded'])
    assert.deepEqual(books['payment'], [])
    for (const [domain, forward, backward] of [
      ['inventory', 'StockReserved', 'StockReleased'],
      ['shipping', 'ShipmentCreated', 'ShipmentCancelled'],
    ] as const) {
      // A reaction that had not begun is skipped.
      const happened = books[domain]?.includes(forward) === true
      assert.deepEqual(books[domain], happened ? [forward, backward] : [])
    }
    assert.equal(new Set(undone).size, undone.length)
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
    assert.deepEqual(await shop.deadLetters.list(), [])
  })

  for (const [name, mode] of Object.entries({ FAIL_FAST, CONTINUE, COMPENSATE, DEAD_LETTER })) {
    test(`has its source told in ${name} [coordinator-C-0471]`, async () => {
      await using shop = await openShop(cardShop())
      await orderIn(shop, CASCADE, mode).catch(() => undefined)
      await shop.settled()
      const notes = await shop.client('order').query('order-1').events(orders.OrderNoteAddedSchema)
      assert.deepEqual(
        notes.map(({ message }) => message.note),
        ['CARD_DECLINED|card declined'],
      )
      assert.deepEqual(await typesOf(shop.ledger, 'order', 'order-1'), FORWARD.order)
    })
  }

  for (const [name, mode] of Object.entries({
    ASYNC: SyncMode.ASYNC,
    DECISION: SyncMode.DECISION,
    SIMPLE: SyncMode.SIMPLE,
    ISOLATED: SyncMode.ISOLATED,
  })) {
    test(`succeeds in ${name}, whose error mode means nothing [coordinator-C-0442]`, async () => {
      await using shop = await openShop(cardShop())
      const response = await orderIn(shop, mode, FAIL_FAST)
      assert.equal(response.events?.pages.length, 1)
    })
  }
})

/** A shop whose card is declined once everything else has begun. */
function lateDecline(options: Parameters<typeof cardShop>[0] = {}): ReturnType<typeof cardShop> {
  const sent = Promise.withResolvers<void>()
  const reserved = Promise.withResolvers<void>()
  return cardShop({
    ...options,
    send: sent.resolve,
    reserve: reserved.resolve,
    charge: async () => {
      await Promise.all([sent.promise, reserved.promise])
      declined()
    },
  })
}

describe('a request that compensates', () => {
  test('undoes every command it has carried out, once, before it is answered for good [coordinator-C-0439]', async () => {
    const undone: string[] = []
    await using shop = await openFaultyShop(lateDecline({ undone: (type) => undone.push(type) }))
    await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    const puts = shop.faulty.offered.flatMap(({ rows = [] }) =>
      rows.filter(
        ({ kind, space, key }) => kind === 'put' && space === 'delivery' && key.includes('undo-'),
      ),
    )
    assert.equal(puts.length, 2)
    await shop.settled()
    assert.deepEqual([...undone].sort(), [SEND, RESERVE].sort())
    assert.deepEqual(await booksOf(shop), {
      order: ['OrderCreated', 'OrderNoteAdded'],
      inventory: ['StockReserved', 'StockReleased'],
      payment: [],
      shipping: ['ShipmentCreated', 'ShipmentCancelled'],
    })
  })

  test('says in the envelope what is to be undone, and where it came from [coordinator-C-0439]', async () => {
    await using shop = await openShop(lateDecline({ receiptsUndone: false }))
    await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    await shop.settled()
    const [letter] = await shop.deadLetters.list()
    const envelope = rejectedCommandOf(letter?.letter)
    const header = envelope?.pages[0]?.header?.sequenceType
    assert.ok(header?.case === 'angzarrDeferred')
    assert.deepEqual(
      [header.value.source?.domain, header.value.sourceSeq, header.value.sourceComponent],
      ['order', 0, 'notify-saga'],
    )
    const payload = envelope?.pages[0]?.payload
    assert.ok(payload?.case === 'command')
    const notification = fromBinary(NotificationSchema, payload.value.value)
    assert.ok(notification.payload !== undefined)
    const compensate = unpackAny(CompensateSchema, notification.payload)
    assert.equal(compensate.commandType, SEND)
    assert.deepEqual(compensate.sequences, [0])
    assert.equal(compensate.reason, 'card declined')
    assert.equal(compensate.target?.domain, 'shipping')
  })

  test('leaves a letter for each command that nobody can undo, and drops none [coordinator-C-0480, coordinator-C-0479]', async () => {
    await using shop = await openShop(lateDecline({ receiptsUndone: false }))
    const { code } = await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    assert.equal(code, 'CARD_DECLINED')
    await shop.settled()
    const letters = await shop.deadLetters.list()
    assert.deepEqual(
      letters.map(({ domain, attempts, code: why, key }) => [domain, attempts, why, key]),
      [['shipping', 1, 'NO_UNDO_HANDLER', undefined]],
    )
    assert.equal(letters[0]?.letter.rejectionDetails.case, 'compensationDeliveryFailed')
    const books = await booksOf(shop)
    assert.deepEqual(books['inventory'], ['StockReserved', 'StockReleased'])
    assert.deepEqual(books['shipping'], ['ShipmentCreated'])
    assert.deepEqual(await rowsOf(shop.ledger, 'delivery'), [])
  })

  test('has not begun to undo when the commit of its undos fails, and goes on without it', async () => {
    await using shop = await openFaultyShop(lateDecline())
    shop.faulty.failAt(({ rows = [] }) => rows.some(({ key }) => key.includes('undo-')), 'before')
    const { code } = await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    assert.equal(code, 'CARD_DECLINED')
    await shop.settled()
    const books = await booksOf(shop)
    assert.deepEqual(books['inventory'], ['StockReserved'])
    assert.deepEqual(books['shipping'], ['ShipmentCreated'])
  })

  for (const kind of ['after', 'done-but-reported-failed'] as const) {
    test(`undoes once when nobody could tell whether its undos were stored: ${kind}`, async () => {
      await using shop = await openFaultyShop(lateDecline())
      shop.faulty.failAt(
        ({ rows = [] }) =>
          rows.some(({ kind: put, key }) => put === 'put' && key.includes('undo-')),
        kind,
      )
      await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
      await shop.settled()
      const books = await booksOf(shop)
      assert.deepEqual(books['inventory'], ['StockReserved', 'StockReleased'])
      assert.deepEqual(books['shipping'], ['ShipmentCreated', 'ShipmentCancelled'])
    })
  }

  for (const death of ['before', 'after'] as const) {
    test(`whose process dies ${death} the commit of its undos leaves all or none of them`, async () => {
      await using folder = await ledgerFolder()
      const first = await openMortalShop(lateDecline(), {
        folder,
        death,
        fatal: ({ rows = [] }) => rows.some(({ key }) => key.includes('undo-')),
      })
      void orderIn(first, CASCADE, COMPENSATE).catch(() => undefined)
      await first.death
      await first.bury()
      await using shop = await openShop(cardShop(), { folder })
      await shop.settled()
      const books = await booksOf(shop)
      const undone = death === 'after'
      assert.deepEqual(
        books['inventory'],
        undone ? ['StockReserved', 'StockReleased'] : ['StockReserved'],
      )
      assert.deepEqual(
        books['shipping'],
        undone ? ['ShipmentCreated', 'ShipmentCancelled'] : ['ShipmentCreated'],
      )
    })
  }

  test('skips what it had not begun, also for the process that comes after', async () => {
    await using folder = await ledgerFolder()
    let runs = 0
    const sending = Promise.withResolvers<void>()
    const reserved = Promise.withResolvers<void>()
    const components = cardShop({
      reserve: reserved.resolve,
      send: () => {
        runs++
        sending.resolve()
        if (runs === 1) throw new Error('the printer jams')
      },
      charge: async () => {
        await Promise.all([sending.promise, reserved.promise])
        declined()
      },
    })
    {
      // The jammed printer is not tried again before the card is declined.
      await using shop = await openShop(components, {
        folder,
        limits: { reactionBackoffMsMin: 60_000, reactionBackoffMsMax: 120_000 },
      })
      await refusalOf(orderIn(shop, CASCADE, COMPENSATE))
    }
    await using shop = await openShop(components, { folder })
    await shop.settled()
    const books = await booksOf(shop)
    assert.deepEqual(books['shipping'], [])
    assert.deepEqual(books['inventory'], ['StockReserved', 'StockReleased'])
    assert.equal(runs, 1)
  })
})
