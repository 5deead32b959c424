import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { describe, test } from 'node:test'
import { CodedError } from 'amends'
import { HELP, parseOptions } from './options.ts'

describe('parseOptions', () => {
  test('without arguments nothing is asked for', () => {
    assert.deepEqual(parseOptions([]), {
      help: false,
      database: resolve('order-book.db'),
      continued: false,
      concurrency: undefined,
      repeat: undefined,
      ratePerSecond: undefined,
      stockFactor: undefined,
      creditLimitCents: undefined,
      json: false,
      remote: false,
    })
  })
  test('every option is read', () => {
    const text =
      '--database /tmp/x.db --continue --concurrency 3 --repeat=2 --rate 12.5 --stock-factor 0.5 --credit-limit 99.95 --json --remote --help'
    assert.deepEqual(parseOptions(text.split(' ')), {
      help: true,
      database: '/tmp/x.db',
      continued: true,
      concurrency: 3,
      repeat: 2,
      ratePerSecond: 12.5,
      stockFactor: 0.5,
      creditLimitCents: 9995n,
      json: true,
      remote: true,
    })
  })

  const faults: readonly [args: string[], option: string][] = [
    [['--concurrency', '0'], '--concurrency'],
    [['--concurrency', '1.5'], '--concurrency'],
    [['--concurrency', 'many'], '--concurrency'],
    [['--concurrency'], '--concurrency'],
    [['--concurrency', '-1'], '--concurrency'],
    [['--repeat', '1001'], '--repeat'],
    [['--repeat='], '--repeat'],
    [['--rate', '0'], '--rate'],
    [['--stock-factor', '1e3'], '--stock-factor'],
    [['--stock-factor', '10001'], '--stock-factor'],
    [['--credit-limit', '1.234'], '--credit-limit'],
    [['--credit-limit', ' 5'], '--credit-limit'],
    [['--database', ''], '--database'],
    [['--json=yes'], '--json'],
    [['--colour', 'red'], '--colour'],
    [['stray'], 'stray'],
  ]
  for (const [args, option] of faults) {
    test(`"${args.join(' ')}" is refused by name`, () => {
      assert.throws(
        () => parseOptions(args),
        (error) => {
          assert.ok(error instanceof CodedError)
          assert.equal(error.code, 'OPTION_INVALID')
          assert.equal(error.details['option'], option)
          assert.ok(error.hint.length > 0)
          return true
        },
      )
    })
  }
  test('the help names every option', () => {
    for (const option of ['database', 'continue', 'concurrency', 'repeat', 'rate', 'json']) {
      assert.ok(HELP.includes(`--${option}`), option)
    }
    assert.ok(HELP.includes('--stock-factor') && HELP.includes('--credit-limit'))
  })
})
