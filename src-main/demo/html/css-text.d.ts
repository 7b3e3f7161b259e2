/** A style sheet as text, as Vite's `?raw` imports it. */
declare module '*.css?raw' {
  const text: string
  export default text
}
