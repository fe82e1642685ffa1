declare module 'express' {
  type Request = { body: unknown }
  type Response = { status(code: number): Response; json(body: object): void }
  type Express = {
    (request: object, response: object): void
    use(middleware: object): void
    post(path: string, answer: (request: Request, response: Response) => Promise<void>): void
  }
  const express: { (): Express; json(): object }
  export default express
}
