interface ImportMeta {
  readonly hot?: {
    readonly data: any
    accept(): void
    dispose(callback: (data: any) => void): void
  }
}
