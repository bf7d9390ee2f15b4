package io.salver.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.salver.lifecycle.LeaseWaiter;
import io.salver.model.ModelLease;
import io.salver.model.VersionSelector;
import io.salver.predict.Caller;
import io.salver.predict.Category;
import io.salver.predict.ServingException;
import io.salver.testkit.HalfPlusTwo;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** However an inquiry ends, it is answered at most once, and the lease is given back. */
final class VersionInquiryTest {
  private final FakeLoop loop = new FakeLoop(1 << 20);
  private final StaticModels models =
      new StaticModels(InlineRunner.FACTORY).add("half", 1, new HalfPlusTwo());
  private final List<String> answers = new ArrayList<>();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(models.openLeases()).isZero();
    models.close();
    loop.close();
  }

  private VersionInquiry inquiry(String model) {
    return new VersionInquiry(
        new VersionInquiry.Call() {
          @Override
          public @Nullable ModelLease lease(LeaseWaiter waiter) {
            return models.lease(model, VersionSelector.LATEST, Caller.SILENT, waiter);
          }

          @Override
          public void answer(ModelLease lease) {
            if (lease.version().version() > 1) {
              throw ServingException.invalid("cannot say");
            }
            answers.add("answer " + lease.version());
          }

          @Override
          public void fail(ServingException failure) {
            answers.add(failure.getMessage());
          }
        },
        loop);
  }

  @Test
  void answersAtOnceWhatIsThereAndSaysWhatIsNot() {
    assertThat(inquiry("half").start()).isTrue();
    assertThat(inquiry("none").start()).isTrue();
    models.add("half", 2, new HalfPlusTwo());
    assertThat(inquiry("half").start()).isTrue();
    assertThat(answers)
        .containsExactly(
            "answer half/1", "Servable not found for request: Latest(none)", "cannot say");
  }

  @Test
  void waitsOnTheLoopForWhatIsBeingLoaded() {
    models.sleep("half");
    assertThat(inquiry("half").start()).isFalse();
    models.wake("half");
    assertThat(answers).isEmpty();
    loop.runTasks();
    assertThat(answers).containsExactly("answer half/1");
  }

  @Test
  void saysWhyTheModelDidNotCome() {
    models.sleep("half");
    assertThat(inquiry("half").start()).isFalse();
    models.refuse(new ServingException(Category.RESOURCE_EXHAUSTED, "memory: none"));
    loop.runTasks();
    assertThat(answers).containsExactly("memory: none");
  }

  @Test
  void answersNobodyWhoHasGone() {
    models.sleep("half");
    VersionInquiry gone = inquiry("half");
    VersionInquiry late = inquiry("half");
    assertThat(gone.start() || late.start()).isFalse();
    gone.abandon();
    assertThat(gone.isGone()).isTrue();
    models.wake("half");
    loop.end();
    loop.runTasks();
    assertThat(answers).containsExactly("answer half/1");
  }

  @Test
  void givesTheModelBackThatComesWhenTheLoopHasEnded() {
    models.sleep("half");
    assertThat(inquiry("half").start()).isFalse();
    loop.end();
    models.wake("half");
    assertThat(answers).isEmpty();
  }
}
