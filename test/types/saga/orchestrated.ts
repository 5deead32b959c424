/** Programs with orchestrated sagas. `// error TS<code>` stands on the line of each error. */
import * as v from 'valibot'
import { CreateOrderSchema } from '../../fixtures/gen/orders_pb.ts'
import { handle } from '../../../src/saga/messages/handle.ts'
import { requestType } from '../../../src/saga/messages/request-type.ts'
import { Saga } from '../../../src/saga/dsl/saga.ts'
import type { CommittedSaga } from '../../../src/saga/dsl/chain.ts'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(..._: Equal<A, B> extends true ? [] : [never]): void => {}
type LeftBy<D> = D extends CommittedSaga<never, infer Out> ? Out : never
type Flat<T> = { [K in keyof T]: T[K] }

const charge = requestType<{ amount: number }, { paymentId: string }>('pay.charge')
const refund = requestType<{ paymentId: string }>('pay.refund')
type Order = { amount: number }
const order = () => new Saga<Order>('order')
const paid = () =>
  order()
    .remoteStep((c) => charge({ amount: c.amount }))
    .onSuccess(async (c, reply) => ({ ...c, ...(await reply.content()) }))

// The context grows, and the saga's type says from what to what.
const whole = paid()
  .onFailure((c) => {
    expectType<typeof c.paymentId, string | undefined>()
    return c.paymentId === undefined ? undefined : refund({ paymentId: c.paymentId })
  })
  .pivot()
  .localStep((c) => ({ ...c, done: c.paymentId !== '' }))
  .commit()
expectType<LeftBy<typeof whole>, { amount: number; paymentId: string; done: boolean }>()

// A reply handler that returns the context itself, or nothing, keeps its type.
const kept = paid()
  .localStep((c) => {
    c.amount += 1
  })
  .localStep((c) => c)
  .localStep(async (c) => {
    await Promise.resolve()
    return c.amount > 3 ? c : undefined
  })
  .commit()
expectType<Flat<LeftBy<typeof kept>>, { amount: number; paymentId: string }>()

// A handler of errors lets the saga go on with what it leaves.
const forgiving = paid()
  .onError((c) => ({ ...c, owes: c.amount }))
  .localStep((c) => {
    if ('owes' in c) expectType<typeof c.owes, number>()
    else expectType<typeof c.paymentId, string>()
  })
  .commit()
expectType<LeftBy<typeof forgiving>['amount'], number>()
const strict = paid()
  .onError(() => new Error('no money'))
  .commit()
expectType<LeftBy<typeof strict>, { amount: number; paymentId: string }>()

// What may have been left out is left out in the type.
const perhaps = order()
  .localStep((c) => (c.amount > 3 ? { ...c, lounge: 'A' } : undefined))
  .localStep((c) => ('lounge' in c ? { ...c, seat: c.lounge } : { ...c, seat: '1' }))
  .commit()
expectType<LeftBy<typeof perhaps>['seat'], string>()

// A conditional without elseThen leaves either.
const vip = order()
  .localStep((c) => ({ ...c, lounge: 'A' }))
  .commit()
const plain = order()
  .localStep((c) => ({ ...c, seat: 1 }))
  .commit()
const conditional = order()
  .conditionalStep()
  .ifThen((c) => c.amount > 3, vip)
  .elseThen(plain)
  .localStep((c) => ('lounge' in c ? { ...c, x: c.lounge } : { ...c, x: String(c.seat) }))
  .commit()
expectType<LeftBy<typeof conditional>['x'], string>()
order()
  .conditionalStep()
  .ifThen((c) => c.amount > 3, vip)
  .localStep((c) => {
    if ('lounge' in c) expectType<typeof c.lounge, string>()
    c.amount += 1
  })
  .commit()

// Branches side by side leave all that they add.
const parallel = order()
  .parallel([vip, plain])
  .localStep((c) => {
    expectType<typeof c.lounge, string>()
    expectType<typeof c.seat, number>()
    expectType<typeof c.amount, number>()
  })
  .commit()
expectType<LeftBy<typeof parallel>, { lounge: string; seat: number; amount: number }>()

// A saga within a saga, signals, parameters.
const approval = { '~standard': { version: 1, vendor: 'us', validate } } as const
declare function validate(value: unknown): { readonly value: { readonly by: string } }
const nested = order()
  .sagaStep(vip)
  .waitFor('approved', (c, data) => ({ ...c, by: data.by }), { data: approval })
  .waitFor('audited', (c, data) => {
    expectType<typeof data, unknown>()
    return c
  })
  .localStep((c, info) => ({ ...c, rate: info.parameters.rate }), { parameters: { rate: 0.1 } })
  .commit()
expectType<LeftBy<typeof nested>['by'], string>()
expectType<LeftBy<typeof nested>['rate'], number>()

// Statement by statement the context is declared whole.
const statements = new Saga<{ amount: number; paymentId?: string }>('statements')
statements
  .remoteStep()
  .onExecute((c) => charge({ amount: c.amount }))
  .onSuccess(async (c, reply) => {
    c.paymentId = (await reply.content()).paymentId
  })
  .onError((c) => c)
  .onFailure((c) => (c.paymentId === undefined ? null : refund({ paymentId: c.paymentId })))
statements.localStep().onExecute((c) => {
  c.amount += 1
})
expectType<LeftBy<ReturnType<typeof statements.commit>>['paymentId'], string | undefined>()

// A context may have fields that look like those of an Error, and an error may be returned.
const person = new Saga<{ name: string }>('person')
  .localStep((c) => ({ ...c, message: 'hi' }))
  .localStep((c) => (c.name === '' ? new TypeError('empty') : { ...c, ok: true as const }))
  .localStep((c) => ({ ...c, length: c.message.length, still: c.ok }))
  .commit()
expectType<LeftBy<typeof person>['length'], number>()
expectType<LeftBy<typeof person>['still'], true>()

// Participants are typed by the request.
handle(charge, ({ amount }, info) => ({ paymentId: `${info.executionId}-${amount}` }))
handle(refund, ({ paymentId }) => console.log(paymentId))

// Schemas say what the sender gives and what the receiver gets.
const amount = v.object({ amount: v.pipe(v.string(), v.transform(Number)) })
const priced = requestType('pay.price', { content: amount, reply: CreateOrderSchema })
handle(priced, (content) => {
  expectType<typeof content.amount, number>()
  return { orderId: 'A-1' }
})
const prices = new Saga('prices', { input: amount })
  .remoteStep((c) => priced({ amount: String(c.amount) }))
  .onSuccess(async (_, reply) => {
    const { orderId, itemCount } = await reply.content()
    return { orderId, itemCount }
  })
  .commit()
expectType<LeftBy<typeof prices>, { orderId: string; itemCount: number }>()

// A step may be named before it is said what it does.
statements.remoteStep(undefined, { name: 'named', retry: 3 }).onExecute(() => undefined)

// 1 A field that is not there yet.
order().localStep((c) => ({ ...c, a: c.paymentId })) // error TS2339
// 2 The wrong content of a request.
order().remoteStep((c) => charge({ amount: String(c.amount) })) // error TS2322
// 3 A slot that is filled already.
paid().onSuccess((c) => c) // error TS2339 TS7006
// 4 An undo that trusts its own step.
paid().onFailure((c) => refund({ paymentId: c.paymentId })) // error TS2322
// 5 An undo behind the pivot.
paid()
  .pivot()
  .localStep((c) => c)
  .onFailure(() => undefined) // error TS2339
// 6 A remote step that makes no request.
order().remoteStep((c) => ({ target: 'pay.charge', amount: c.amount })) // error TS2769
// 7 An undo of a remote step that makes no request.
paid().onFailure(() => ({ refunded: true })) // error TS2345
// 8 A reply handler on a local step.
order()
  .localStep((c) => c)
  .onSuccess((c: object) => c) // error TS2339
// 9 A branch that needs more than the context has.
order()
  .conditionalStep()
  .ifThen(() => true, person) // error TS2345
// 10 A second pivot.
paid()
  .pivot()
  .localStep((c) => c)
  .pivot() // error TS2339
// 11 A slot before there is a step.
order().onFailure(() => undefined) // error TS2339
// 12 A local step that leaves no context.
order().localStep((c) => c.amount) // error TS2769
// 13 A step that does nothing, followed by another.
order()
  .localStep()
  .localStep((c) => c) // error TS2339 TS7006
// 14 A misspelt option.
order().localStep((c) => c, { nmae: 'x' }) // error TS2769
// 15 The wrong reply of a participant.
handle(charge, () => ({ paymentId: 1 })) // error TS2322
// 16 A branch side by side that needs more than the context has.
order().parallel([vip, person]) // error TS2322
// 17 A saga within a saga that needs more than the context has.
order().sagaStep(person) // error TS2345
// 18 Steps behind a commit.
order()
  .localStep((c) => c)
  .commit()
  .localStep() // error TS2339
// 19 Parameters that are not there.
order().localStep((c, info) => ({ ...c, rate: info.parameters.rate })) // error TS18048

// 20 What the sender gives under a schema.
priced({ amount: 3 }) // error TS2322
// 21 What a participant answers under a schema.
handle(priced, () => ({ orderId: 3 })) // error TS2322
// 22 An option that a kind of step does not have.
order().waitFor('approved', (c) => c, { retry: 3 }) // error TS2345

export { conditional, forgiving, nested, parallel, perhaps, person, statements, strict, whole }
