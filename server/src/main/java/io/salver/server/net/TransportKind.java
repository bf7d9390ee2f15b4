package io.salver.server.net;

/** The ways in which the system may be asked about sockets. */
public enum TransportKind {
  /** The best that is there: epoll on Linux, the JDK's selectors elsewhere. */
  AUTO,
  EPOLL,
  /** Many containers forbid it; hence only where it is asked for. */
  IO_URING,
  /** The JDK's selectors. */
  NIO
}
