package io.salver.server.tls;

/** Certificates or keys that cannot be used. The message says which, and never holds a secret. */
public final class TlsException extends Exception {
  private static final long serialVersionUID = 1;

  public TlsException(String message) {
    super(message);
  }

  public TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}
