// Programs that must compile, with the types they must have.
import { compensating } from '../../../src/workflow/compensating.ts'
import { CompensationPrimitive } from '../../../src/workflow/compensation-primitive.ts'
import { conditional } from '../../../src/workflow/conditional-primitive.ts'
import { fallback } from '../../../src/workflow/fallback-primitive.ts'
import { RetryPrimitive } from '../../../src/workflow/retry-primitive.ts'
import { route } from '../../../src/workflow/router-primitive.ts'
import { TimeoutPrimitive } from '../../../src/workflow/timeout-primitive.ts'
import { parallel, sequential } from '../../../src/workflow/workflow-primitive.ts'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(..._: Equal<A, B> extends true ? [] : [never]): void => undefined
type Out<P extends { execute(...args: never[]): Promise<unknown> }> = Awaited<
  ReturnType<P['execute']>
>

// Inline arrows: the first parameter is annotated, the rest inferred from left to right.
const inline = new CompensationPrimitive([
  [
    async (d: { email: string }) => ({ ...d, userId: 1 }),
    async (d) => {
      expectType<typeof d.userId, number>()
    },
  ],
  [
    async (d) => ({ ...d, sent: d.userId > 0 }),
    (d, _context, info) => {
      expectType<typeof d.sent, boolean>()
      expectType<typeof info.input.userId, number>()
    },
  ],
  [(d) => ({ ...d, active: d.sent }), null],
])
expectType<Out<typeof inline>['active'], boolean>()
expectType<Out<typeof inline>['userId'], number>()

// Synchronous, alone, without a second element; inside another one; wrapped.
const one = new CompensationPrimitive([[(n: number) => String(n)]])
expectType<Out<typeof one>, string>()
const nested = new CompensationPrimitive([
  [inline, (d) => void d.active.valueOf()],
  [(d) => d.userId],
])
expectType<Out<typeof nested>, number>()
export const wrapped = new CompensationPrimitive([
  [
    new RetryPrimitive(async (d: { a: 1 }) => ({ ...d, b: 2 }), { maxRetries: 3 }),
    (d) => {
      expectType<typeof d.b, number>()
    },
  ],
])

// Step objects, the options form, the two-argument form.
const objects = new CompensationPrimitive([
  {
    name: 'user',
    run: async (d: { email: string }) => ({ ...d, userId: 1 }),
    compensate: async (d) => {
      expectType<typeof d.userId, number>()
    },
    undoUnknown: (d) => {
      expectType<typeof d.email, string>()
    },
  },
  {
    name: 'mail',
    run: async (d) => ({ ...d, sent: d.userId > 0 }),
    compensate: (d, _context, info) => {
      expectType<typeof d.sent, boolean>()
      expectType<typeof info.input.userId, number>()
    },
    timeoutMs: 3,
  },
  [(d) => ({ ...d, last: d.sent }), (d) => void d.last.valueOf()],
])
expectType<Out<typeof objects>['last'], boolean>()
const named = new CompensationPrimitive({
  name: 'x',
  primitives: [
    [async (d: { email: string }) => ({ ...d, userId: 1 }), (d) => d.userId],
    [(d) => d.userId],
  ],
})
expectType<Out<typeof named>, number>()
const two = new CompensationPrimitive(
  async (d: { email: string }) => d.email.length,
  async (d) => d.email,
)
expectType<Out<typeof two>, number>()

// Twelve inline steps.
const twelve = new CompensationPrimitive([
  [(d: { a: 1 }) => ({ ...d, b: 1 }), (d) => d.b],
  [(d) => ({ ...d, c: 1 }), (d) => d.c],
  [(d) => ({ ...d, e: 1 }), (d) => d.e],
  [(d) => ({ ...d, f: 1 }), (d) => d.f],
  [(d) => ({ ...d, g: 1 }), (d) => d.g],
  [(d) => ({ ...d, h: 1 }), (d) => d.h],
  [(d) => ({ ...d, i: 1 }), (d) => d.i],
  [(d) => ({ ...d, j: 1 }), (d) => d.j],
  [(d) => ({ ...d, k: 1 }), (d) => d.k],
  [(d) => ({ ...d, l: 1 }), (d) => d.l],
  [(d) => ({ ...d, m: 1 }), (d) => d.m],
  [(d) => ({ ...d, n: 1 }), (d) => d.n],
])
expectType<Out<typeof twelve>['n'], number>()
expectType<Out<typeof twelve>['b'], number>()

// The builder, of any length, and behind its pivot.
const built = compensating('checkout')
  .step(
    async (d: { email: string }) => ({ ...d, userId: 1 }),
    (d) => d.userId,
  )
  .step(
    'mail',
    (d) => ({ ...d, sent: true }),
    (d) => d.sent,
  )
  .step({ name: 'more', run: (d) => ({ ...d, more: d.userId }), compensate: (d) => d.more })
  .pivot('charge', (d) => d.more)
  .step((n) => n.toFixed())
  .build()
expectType<Out<typeof built>, string>()

// Companions.
const both = parallel(
  (n: number) => n,
  async (n) => String(n),
)
expectType<Out<typeof both>, [number, string]>()
const three = both.and((n) => n > 0)
expectType<Out<typeof three>, [number, string, boolean]>()
const chain = sequential(
  (n: number) => n,
  (n) => String(n),
  (s) => s.length > 0,
)
expectType<Out<typeof chain>, boolean>()
const limited = new TimeoutPrimitive((n: number) => n, { timeoutMs: 1, fallback: () => 'x' })
expectType<Out<typeof limited>, number | string>()
const other = fallback(
  (n: number) => n,
  () => 'x',
)
expectType<Out<typeof other>, number | string>()
const passed = conditional({ if: (n: number) => n > 0, then: (n) => String(n) })
expectType<Out<typeof passed>, number | string>()
const routed = route({
  routes: { a: (n: number) => n, b: (_: number) => 'b' },
  select: () => 'a',
})
expectType<Out<typeof routed>, number | string>()
