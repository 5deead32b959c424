/** Components that a served coordinator loads into its own process. */
import { compensatingOrder, reserveStock, stock } from '../coordinator/shop.ts'

/** What `modules` of a configuration asks for. */
export const components = [compensatingOrder(), stock, reserveStock]
