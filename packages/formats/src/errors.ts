const longest = 600

/**
 * What is wrong with a file, or with text that a person wrote: `message` is the single line to show that person. Every
 * reader of this package throws this and nothing else.
 */
export class InputError extends Error {
  constructor(message: string) {
    // Names inside foreign files are quoted in messages: they must not break the line or steer a terminal.
    const line = message.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
    super(line.length > longest ? `${line.slice(0, longest - 3)}...` : line)
    this.name = 'InputError'
  }
}
