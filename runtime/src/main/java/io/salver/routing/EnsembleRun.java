package io.salver.routing;

import io.salver.model.ModelVersion;
import io.salver.predict.Category;
import io.salver.predict.PredictRequest;
import io.salver.predict.Reply;
import io.salver.predict.ServingException;
import io.salver.predict.Turn;
import io.salver.tensor.Tensor;
import io.salver.tensor.TensorArena;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through an ensemble. Members answer on any thread; whoever brings the last
 * answer, or the timer, makes the answer of what is there. Members that come later only give back
 * their memory; one whose model is still being loaded then is not asked at all.
 */
final class EnsembleRun {
  private final EnsembleStage stage;
  private final PredictRequest request;
  private final EndpointLease lease;
  private final ActiveEndpoint endpoint;
  private final Reply reply;
  private final TensorArena inputMemory;
  private final @Nullable Tensor[] inputs;
  private final Member[] members;

  /** The members that may still read the inputs, and who starts them. */
  private final AtomicInteger readers;

  private final ReentrantLock lock = new ReentrantLock();
  private int pending;
  private boolean over;
  private @Nullable ServingException firstFailure;
  private Runnable cancelTimer = () -> {};
  private final Runnable cancelMembers = this::cancelMembers;
  private final Runnable endWaits = this::endWaits;

  /**
   * A run.
   *
   * @param inputMemory closed when no member needs it any more
   * @param inputs copies in that memory
   */
  EnsembleRun(
      EnsembleStage stage,
      PredictRequest request,
      EndpointLease lease,
      Reply reply,
      TensorArena inputMemory,
      @Nullable Tensor[] inputs) {
    this.stage = stage;
    this.request = request;
    this.lease = lease;
    this.endpoint = lease.active();
    this.reply = reply;
    this.inputMemory = inputMemory;
    this.inputs = inputs;
    this.members = new Member[endpoint.routes().size()];
    for (int i = 0; i < members.length; i++) {
      members[i] = new Member(i);
    }
    this.pending = members.length;
    this.readers = new AtomicInteger(members.length + 1);
  }

  /** One member's part; what it holds belongs to whoever sees its answer. */
  private final class Member implements Reply {
    private final int route;
    private final AwaitedLease wait = new AwaitedLease(request, lease, this::go, this::absent);
    private @Nullable SharedLease version;
    private @Nullable TensorArena memory;
    private @Nullable PredictRequest leg;
    private @Nullable SignatureMap map;
    private @Nullable Tensor @Nullable [] outputs;

    Member(int route) {
      this.route = route;
    }

    /** Asks the member, now or when it has been loaded; until then the inputs are kept for it. */
    void start() {
      wait.take(endpoint.parts().models(), endpoint.routes().get(route));
    }

    private void absent(ServingException reason) {
      releaseInputs();
      ended(reason);
    }

    private void go(SharedLease held) {
      PredictRequest own;
      version = held;
      if (isOver() || request.isCancelled()) {
        absent(Legs.cancelled());
        return;
      }
      try {
        SignatureMap to =
            SignatureMap.of(
                request.signature(), held.lease().model(), endpoint.routes().get(route).toString());
        map = to;
        TensorArena outputMemory = endpoint.parts().arenas().take();
        memory = outputMemory;
        own = Legs.leg(request, held, to, to.inputs(inputs), outputMemory);
        leg = own;
      } catch (RuntimeException e) {
        absent(Legs.failure(e));
        return;
      }
      Turn turn = request.turn();
      if (turn != null) {
        own.setTurn(turn);
      }
      held.lease().predictor().predict(own, this);
    }

    @Override
    public void succeeded(PredictRequest answered) {
      releaseInputs();
      endpoint.counters(route).answered(System.nanoTime() - answered.receivedNs());
      @Nullable Tensor[] mapped = new Tensor[request.signature().outputs().size()];
      SignatureMap to = map;
      for (int i = 0; to != null && i < mapped.length; i++) {
        int at = request.wants(i) ? to.outputs()[i] : -1;
        mapped[i] = at < 0 ? null : answered.output(at);
      }
      boolean late;
      boolean last;
      lock.lock();
      try {
        late = over;
        if (!late) {
          outputs = mapped;
        }
        last = --pending == 0 && !over;
        over |= last;
      } finally {
        lock.unlock();
      }
      if (late) {
        release();
      }
      if (last) {
        finish();
      }
    }

    @Override
    public void failed(PredictRequest refused, ServingException failure) {
      releaseInputs();
      if (failure.category() != Category.CANCELLED) {
        endpoint.counters(route).failed();
      }
      ended(failure);
    }

    private void ended(ServingException failure) {
      release();
      boolean last;
      lock.lock();
      try {
        if (firstFailure == null) {
          firstFailure = failure;
        }
        last = --pending == 0 && !over;
        over |= last;
      } finally {
        lock.unlock();
      }
      if (last) {
        finish();
      }
    }

    private void release() {
      TensorArena own = memory;
      SharedLease held = version;
      memory = null;
      version = null;
      if (own != null) {
        own.close();
      }
      if (held != null) {
        held.close();
      }
    }

    void cancel() {
      wait.cancel();
      PredictRequest own = leg;
      if (own != null) {
        own.cancel();
      }
    }
  }

  void start() {
    if (!request.awaitCancel(cancelMembers)) {
      // Cancelled already: the members are not even asked.
      inputMemory.close();
      reply.failed(request, Legs.cancelled());
      return;
    }
    long objectiveNs = stage.objectiveNs(request);
    if (objectiveNs != Long.MAX_VALUE) {
      cancelTimer = endpoint.parts().timers().at(objectiveNs, this::expire);
    }
    if (!lease.awaitUnwanted(endWaits)) {
      endWaits.run();
    }
    for (Member member : members) {
      member.start();
    }
    releaseInputs();
  }

  private boolean isOver() {
    lock.lock();
    try {
      return over;
    } finally {
      lock.unlock();
    }
  }

  private void cancelMembers() {
    for (Member member : members) {
      member.cancel();
    }
  }

  private void releaseInputs() {
    if (readers.decrementAndGet() == 0) {
      inputMemory.close();
    }
  }

  private void expire() {
    lock.lock();
    try {
      if (over) {
        return;
      }
      over = true;
    } finally {
      lock.unlock();
    }
    finish();
  }

  /** Called once, by whoever set {@link #over}: from then on nobody else touches what has come. */
  private void finish() {
    cancelTimer.run();
    boolean unused = request.endAwait(cancelMembers);
    lease.endAwaitUnwanted(endWaits);
    try {
      answer();
    } finally {
      endWaits();
    }
  }

  /** Those that are still being loaded are not waited for any more. */
  private void endWaits() {
    for (Member member : members) {
      member.wait.cancel();
    }
  }

  private void answer() {
    List<Member> arrived = new ArrayList<>();
    for (Member member : members) {
      if (member.outputs != null) {
        arrived.add(member);
      }
    }
    if (arrived.isEmpty()) {
      DefaultStage.answer(request, lease, stage.defaults(), nobody(), reply);
      return;
    }
    try {
      combine(arrived);
    } catch (RuntimeException e) {
      arrived.forEach(Member::release);
      DefaultStage.answer(request, lease, stage.defaults(), Legs.failure(e), reply);
    }
  }

  private ServingException nobody() {
    ServingException failure = firstFailure;
    return failure != null && pendingNone()
        ? failure
        : new ServingException(
            Category.DEADLINE_EXCEEDED,
            "ensemble: no member answered within the objective of "
                + endpoint.spec().objective().toMillis()
                + " ms");
  }

  private boolean pendingNone() {
    lock.lock();
    try {
      return pending == 0;
    } finally {
      lock.unlock();
    }
  }

  private void combine(List<Member> arrived) {
    MemberOutputs answers = new MemberOutputs(members.length);
    List<ModelVersion> versions = new ArrayList<>();
    int[] labels = new int[members.length];
    for (Member member : arrived) {
      @Nullable Tensor[] outputs = Objects.requireNonNull(member.outputs);
      answers.put(member.route, outputs);
      versions.add(Objects.requireNonNull(member.version).lease().version());
      Label label = request.rows() == 1 ? Labels.of(request.signature(), i -> outputs[i], 0) : null;
      labels[member.route] = label == null ? 0 : Prediction.labelHash(label);
    }
    EnsembleAnswer answer = EnsembleAnswer.of(request, stage.policy(), endpoint.weights(), answers);
    lease.answeredTogether(versions, labels, answer.confidence());
    Policy.Ensemble policy = stage.policy();
    if (policy.stack().isPresent() && answer.confidence() >= policy.minConfidence()) {
      new StackedRun(endpoint, policy.stack().get(), request, lease, stage.defaults())
          .start(answers, answer, () -> arrived.forEach(Member::release), reply);
      return;
    }
    arrived.forEach(Member::release);
    conclude(answer);
  }

  private void conclude(EnsembleAnswer answer) {
    request.setOutputs(answer.outputs());
    if (answer.confidence() >= stage.policy().minConfidence()) {
      reply.succeeded(request);
      return;
    }
    ServingException unsure =
        new ServingException(
            Category.UNAVAILABLE,
            "ensemble: confidence "
                + answer.confidence()
                + " (expected: at least "
                + stage.policy().minConfidence()
                + ")");
    DefaultStage.answer(request, lease, stage.defaults(), unsure, reply);
  }
}
