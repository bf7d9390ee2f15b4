package io.salver.engine.torch;

import io.salver.engine.ModelLoadException;
import io.salver.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.FunctionSchema;
import org.bytedeco.pytorch.IValueOptional;
import org.bytedeco.pytorch.StringViewVectorOptional;
import org.bytedeco.pytorch.TupleType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch.TypeKind;

/**
 * What the code of {@code forward} declares.
 *
 * @param arguments in order, without {@code self}
 * @param leaves the values that it returns, tuples taken apart; empty if it returns a list, a
 *     dictionary or something of no declared type, whose parts are known only when it has run
 * @param keyed whether it returns a dictionary, whose values are found by their keys
 */
record ForwardSchema(List<Argument> arguments, Optional<List<Leaf>> leaves, boolean keyed)
    implements AutoCloseable {
  private static final int MAX_DEPTH = 16;

  /** What an argument takes. */
  enum Kind {
    TENSOR,
    INT,
    FLOAT,
    BOOL,
    /** Something that no tensor stands for: the argument keeps its default. */
    OTHER
  }

  /**
   * An argument.
   *
   * @param type as the code declares it
   * @param otherwise what it is if it is left out; an argument without must be given
   */
  record Argument(String name, Kind kind, String type, Optional<Literal> otherwise) {}

  /**
   * A value that is returned.
   *
   * @param name in a named tuple
   * @param scalar the type of a number that is no tensor
   */
  record Leaf(Optional<String> name, Optional<DType> scalar) {}

  /**
   * Reads it, in the caller's scope.
   *
   * @throws ModelLoadException if an argument that has to be given is not of a kind that can be
   */
  static ForwardSchema read(FunctionSchema schema) throws ModelLoadException {
    List<Argument> arguments = new ArrayList<>();
    org.bytedeco.pytorch.Argument declared = schema.arguments();
    for (long i = 1; i < declared.limit(); i++) {
      arguments.add(argument(declared.getPointer(i)));
    }
    Type returned = schema.returns().getPointer(0).type().get();
    List<Leaf> leaves = new ArrayList<>();
    boolean known = addLeaves(returned, Optional.empty(), leaves, 0);
    return new ForwardSchema(
        List.copyOf(arguments),
        known ? Optional.of(List.copyOf(leaves)) : Optional.empty(),
        returned.kind().intern() == TypeKind.DictType);
  }

  private static Argument argument(org.bytedeco.pytorch.Argument argument)
      throws ModelLoadException {
    String name = argument.name().getString();
    Type type = argument.type().get();
    boolean optional = type.kind().intern() == TypeKind.OptionalType;
    Kind kind = kind(optional ? type.containedType(0).get() : type);
    IValueOptional value = argument.default_value();
    Optional<Literal> otherwise =
        value.has_value()
            ? Optional.of(Literal.copyOf(value.get()))
            : optional ? Optional.of(Literal.none()) : Optional.empty();
    String declared = type.annotation_str().getString();
    if (kind == Kind.OTHER && otherwise.isEmpty()) {
      throw new ModelLoadException(
          "forward: argument \""
              + name
              + "\" of type "
              + declared
              + " (expected: Tensor, int, float or bool, or a default)");
    }
    return new Argument(name, kind, declared, otherwise);
  }

  /** Gives back the defaults. */
  @Override
  public void close() {
    arguments.forEach(argument -> argument.otherwise().ifPresent(Literal::close));
  }

  private static Kind kind(Type type) {
    return switch (type.kind().intern()) {
      case TensorType -> Kind.TENSOR;
      case IntType -> Kind.INT;
      case FloatType, NumberType -> Kind.FLOAT;
      case BoolType -> Kind.BOOL;
      default -> Kind.OTHER;
    };
  }

  /** Adds what a value of {@code type} is made of; whether that is known. */
  private static boolean addLeaves(Type type, Optional<String> name, List<Leaf> to, int depth) {
    switch (type.kind().intern()) {
      case TensorType -> to.add(new Leaf(name, Optional.empty()));
      case IntType -> to.add(new Leaf(name, Optional.of(DType.INT64)));
      case FloatType -> to.add(new Leaf(name, Optional.of(DType.FLOAT64)));
      case BoolType -> to.add(new Leaf(name, Optional.of(DType.BOOL)));
      case OptionalType -> {
        return depth < MAX_DEPTH && addLeaves(type.containedType(0).get(), name, to, depth + 1);
      }
      case TupleType -> {
        return depth < MAX_DEPTH && addElements(new TupleType(type), to, depth + 1);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static boolean addElements(TupleType tuple, List<Leaf> to, int depth) {
    StringViewVectorOptional names = tuple.names();
    for (long i = 0; i < tuple.containedTypeSize(); i++) {
      Optional<String> name =
          names.has_value() ? Optional.of(names.get().get(i).getString()) : Optional.empty();
      if (!addLeaves(tuple.containedType(i).get(), name, to, depth)) {
        return false;
      }
    }
    return true;
  }
}
