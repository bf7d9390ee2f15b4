package io.salver.cli.logging;

import io.salver.server.oip.LogControl;
import java.lang.System.Logger.Level;
import java.util.logging.Handler;
import java.util.logging.Logger;

/** The level of everything that is logged. Thread-safe. */
public final class RootLog implements LogControl {
  private static final Logger ROOT = Logger.getLogger("");

  /** The log of this process. */
  public RootLog() {}

  @Override
  public Level level() {
    java.util.logging.Level least = ROOT.getLevel();
    for (Level level : Level.values()) {
      if (Logging.julLevel(level).intValue() >= least.intValue()) {
        return level;
      }
    }
    return Level.OFF;
  }

  @Override
  public synchronized void setLevel(Level level) {
    ROOT.setLevel(Logging.julLevel(level));
    for (Handler handler : ROOT.getHandlers()) {
      handler.setLevel(Logging.julLevel(level));
    }
  }
}
