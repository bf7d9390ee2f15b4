package io.salver.server.oip;

import java.lang.System.Logger.Level;

/** What can be changed of the log while the server runs. Thread-safe. */
public interface LogControl {
  /** The least level that is logged. */
  Level level();

  /** Logs from this level on. */
  void setLevel(Level level);
}
