package io.salver.engine.process;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;

/**
 * Reads what a worker prints, so that it never waits for a reader, and has it line by line in the
 * log. Long lines are cut; of a flood, lines are left out and counted.
 */
final class WorkerLog implements Runnable {
  private static final Logger LOG = System.getLogger(WorkerLog.class.getName());
  private static final int MAX_LINE_BYTES = 2 << 10;
  private static final int TAIL_LINES = 12;
  private static final int LINES_PER_SECOND = 20;
  private static final int BURST_LINES = 200;

  private final InputStream output;
  private final String name;
  private final LineRate rate = new LineRate(LINES_PER_SECOND, BURST_LINES);
  private final byte[] line = new byte[MAX_LINE_BYTES];
  private int lineBytes;
  private long cutBytes;
  private long leftOut;
  private final ArrayDeque<String> tail = new ArrayDeque<>();

  /**
   * Reads nothing yet.
   *
   * @param name of the worker
   */
  WorkerLog(InputStream output, String name) {
    this.output = output;
    this.name = name;
  }

  /** Reads to the end. */
  @Override
  public void run() {
    byte[] buffer = new byte[8 << 10];
    try (output) {
      for (int count = output.read(buffer); count >= 0; count = output.read(buffer)) {
        add(buffer, count);
      }
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "output of worker " + name, e);
    }
    if (lineBytes > 0) {
      endLine();
    }
    sayLeftOut();
  }

  private void add(byte[] buffer, int count) {
    for (int i = 0; i < count; i++) {
      if (buffer[i] == '\n') {
        endLine();
      } else if (lineBytes < MAX_LINE_BYTES) {
        line[lineBytes++] = buffer[i];
      } else {
        cutBytes++;
      }
    }
  }

  private void endLine() {
    String text = new String(line, 0, lineBytes, StandardCharsets.UTF_8);
    if (cutBytes > 0) {
      text += " ... and " + cutBytes + " bytes more";
    }
    lineBytes = 0;
    cutBytes = 0;
    keep(text);
    if (rate.allows(System.nanoTime())) {
      sayLeftOut();
      LOG.log(Level.INFO, "worker {0}: {1}", name, text);
    } else {
      leftOut++;
    }
  }

  private void sayLeftOut() {
    if (leftOut > 0) {
      LOG.log(Level.WARNING, "worker {0}: {1} lines left out", name, Long.toString(leftOut));
      leftOut = 0;
    }
  }

  private void keep(String text) {
    synchronized (tail) {
      if (tail.size() == TAIL_LINES) {
        tail.removeFirst();
      }
      tail.addLast(text);
    }
  }

  /** The last lines so far. */
  List<String> tail() {
    synchronized (tail) {
      return List.copyOf(tail);
    }
  }
}
