package io.salver.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class LogQueueTest {
  private final List<String> seen = new ArrayList<>();
  private final CountDownLatch go = new CountDownLatch(1);
  private final CountDownLatch began = new CountDownLatch(1);

  /** Notes what it is told, once it may; refuses {@code no}, breaks at {@code broken}. */
  private final class Notes implements LogQueue.Writer<String> {
    @Override
    public boolean write(String entry) {
      began.countDown();
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (entry.equals("broken")) {
        throw new IllegalStateException("broken");
      }
      seen.add(entry);
      return !entry.equals("no");
    }

    @Override
    public void flush() {
      seen.add("flush");
    }

    @Override
    public void close() {
      seen.add("close");
    }
  }

  @Test
  void whatWaitsIsWrittenBeforeItEnds() {
    LogQueue<String> queue = new LogQueue<>("test log", 10, 100, new Notes());
    queue.add("a", 1);
    queue.add("no", 1);
    go.countDown();
    queue.close();
    queue.add("late", 1);

    assertThat(seen).containsSubsequence("a", "no", "close").doesNotContain("late");
    assertThat(queue.written()).isEqualTo(1);
    assertThat(queue.dropped()).isEqualTo(2);
  }

  @Test
  void whatDoesNotFitIsDroppedAndCounted() throws Exception {
    LogQueue<String> queue = new LogQueue<>("test log", 2, 100, new Notes());
    queue.add("writing", 60);
    began.await();
    queue.add("large", 101);
    queue.add("b", 99);
    queue.add("too much", 2);
    queue.add("c", 1);
    queue.add("too many", 0);
    go.countDown();
    queue.close();

    assertThat(seen).containsSubsequence("writing", "b", "c");
    assertThat(queue.dropped()).isEqualTo(3);
  }

  @Test
  void aWriterThatBreaksEndsTheLogAndNothingElse() {
    LogQueue<String> queue = new LogQueue<>("test log", 2, 100, new Notes());
    go.countDown();
    queue.add("broken", 1);
    queue.close();
    queue.add("later", 1);

    assertThat(seen).containsExactly("close");
    assertThat(queue.dropped()).isEqualTo(1);
  }
}
