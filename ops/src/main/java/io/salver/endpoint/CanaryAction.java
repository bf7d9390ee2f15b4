package io.salver.endpoint;

import java.util.Locale;

/** What people may do to a canary. */
public enum CanaryAction {
  /** The canary takes over, whatever was shown so far. */
  PROMOTE,
  /** The canary is taken back. */
  ROLLBACK,
  /** It stays at its step. */
  PAUSE,
  /** It goes on from where it was paused. */
  RESUME,
  /** It begins anew at its first step, whether it is on its way or has ended. */
  RESTART;

  /** Its name in paths and in the audit log. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
