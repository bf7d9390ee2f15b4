package io.salver.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class TurnTest {
  private final List<Runnable> tasks = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private final Turn turn = new Turn(tasks::add);

  private void endTurn() {
    List<Runnable> now = List.copyOf(tasks);
    tasks.clear();
    now.forEach(Runnable::run);
  }

  @Test
  void actionsRunInOrderAtTheEndOfTheTurnAndOnce() {
    turn.atEnd("a", () -> ran.add("a"));
    turn.atEnd("b", () -> ran.add("b"));
    assertThat(tasks).hasSize(1);
    assertThat(ran).isEmpty();
    endTurn();
    assertThat(ran).containsExactly("a", "b");
    endTurn();
    assertThat(ran).hasSize(2);
  }

  @Test
  void anActionIsFoundByItsOwnerUntilItIsRun() {
    Object owner = new Object();
    List<Object> found = new ArrayList<>();
    Runnable action = () -> found.add(turn.waiting(owner) == null);
    turn.atEnd(owner, action);
    assertThat(turn.waiting(owner)).isSameAs(action);
    assertThat(turn.waiting(new Object())).isNull();
    endTurn();
    assertThat(found).containsExactly(true);
    assertThat(turn.waiting(owner)).isNull();
  }

  @Test
  void whatIsAddedWhileTheTurnEndsRunsInItToo() {
    turn.atEnd("a", () -> turn.atEnd("a", () -> ran.add("again")));
    endTurn();
    assertThat(ran).containsExactly("again");
    assertThat(tasks).isEmpty();
  }

  @Test
  void anActionThatThrowsDoesNotKeepTheOthersFromRunning() {
    turn.atEnd(
        "a",
        () -> {
          throw new IllegalStateException("broken");
        });
    turn.atEnd("b", () -> ran.add("b"));
    endTurn();
    assertThat(ran).containsExactly("b");
    turn.atEnd("c", () -> ran.add("c"));
    endTurn();
    assertThat(ran).containsExactly("b", "c");
  }

  @Test
  void aTurnPlansNoMoreThanItsLimitAndTheNextBeginsAnew() {
    assertThat(turn.plan(60, 100)).isTrue();
    assertThat(turn.plan(50, 100)).isFalse();
    assertThat(turn.plan(40, 100)).isTrue();
    assertThat(turn.plan(1, 100)).isFalse();
    endTurn();
    assertThat(turn.plan(100, 100)).isTrue();
  }

  @Test
  void aLoopThatIsEndingHasItsActionsRunAtOnce() {
    Turn ending =
        new Turn(task -> {
          throw new RejectedExecutionException();
        });
    ending.atEnd("a", () -> ran.add("a"));
    assertThat(ran).containsExactly("a");
  }
}
