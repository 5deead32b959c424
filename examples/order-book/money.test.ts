import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatCents, lineCents, scaled } from './money.ts'

describe('scaled', () => {
  test('a decimal number becomes a whole number of its smallest unit', () => {
    assert.equal(scaled(9.8, 2), 980n)
    assert.equal(scaled(14, 2), 1400n)
    assert.equal(scaled(0.15, 4), 1500n)
    assert.equal(scaled(0, 2), 0n)
  })
  test('a number with more places, a negative one or none at all does not fit', () => {
    for (const value of [0.001, -1, 1e-7, 1e21, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(scaled(value, 2), undefined, String(value))
    }
  })
})

describe('lineCents', () => {
  const line = (priceCents: bigint, quantity: number, discountBasisPoints: bigint): bigint =>
    lineCents({ priceCents, quantity, discountBasisPoints })

  test('a line without discount costs price times quantity', () => {
    assert.equal(line(1400n, 12, 0n), 16_800n)
  })
  test('a discount is taken off exactly', () => {
    assert.equal(line(1680n, 15, 1500n), 21_420n)
  })
  test('half a cent is rounded up, less than half is not', () => {
    assert.equal(line(1n, 1, 5000n), 1n)
    assert.equal(line(1n, 1, 5001n), 0n)
    assert.equal(line(25n, 10, 500n), 238n)
    assert.equal(line(3n, 1, 5000n), 2n)
  })
  test('what floating point would get wrong comes out right', () => {
    assert.equal(line(201n, 5, 500n), 955n)
    assert.notEqual(Math.round(1.005 * 100), 101)
  })
})

describe('formatCents', () => {
  test('cents are shown with two places and groups of three', () => {
    assert.equal(formatCents(0n), '0.00')
    assert.equal(formatCents(5n), '0.05')
    assert.equal(formatCents(150_465n), '1,504.65')
    assert.equal(formatCents(126_579_303n), '1,265,793.03')
    assert.equal(formatCents(-100_000n), '-1,000.00')
  })
})
