"""What `archcalc grade new` writes, in each language: an assignment with comments, and answers to try it with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Start(NamedTuple):
    """An assignment and three sheets of answers, as files have them."""

    assignment: str
    """With places for its title and for the name of its file."""
    answers: str
    """A CSV as spreadsheets write it where the language is spoken."""
    ending: str
    """What the name of the file of answers ends in."""


_ENGLISH = Start(
    """\
# {title}: an assignment to start from. The answers are computed; see them with
#   archcalc grade key {file}
# All that can be written here is described in docs/grading.md.
title: Parameters and memory
numbers: en                   # how the class writes numbers: en (1,234.5) or pt-BR (1.234,5)
language: en                  # of key, feedback and reports: en or pt-BR

networks:
  alexnet: alexnet            # a name of the catalogue (archcalc list), or a path beside this file
  vgg: {{network: vgg16, set: {{classes: 10}}}}             # with a parameter or the input changed
  tiny: {{input: [1, 7, 7], layers: [{{conv: 1, kernel: 3, stride: 3, name: conv}}]}}   # or written out

points: 1                     # of every question that does not say otherwise

questions:
  - id: 1a                    # what the columns of the answers are called
    text: What shape does conv1 of AlexNet put out?
    ask: alexnet:conv1.output # height, width, channels or channels, height, width: both are right

  - id: 1b
    text: How many parameters does conv2 of AlexNet have, biases counted?
    ask: alexnet:conv2.params
    points: 2
    partial: {{bias-forgotten: 1/2}}    # half of the points for a known mistake

  - id: 1c
    text: How many bytes are these in float32?
    ask: $1b * 4              # from the answer to 1b: right too if it follows from a wrong one
    unit: kB                  # an answer in KiB or bytes is converted
    tolerance: 1%

  - id: 2
    text: How many times more MACs does VGG-16 need than AlexNet?
    ask: vgg:total.macs / alexnet:total.macs
    figures: 2                # right to two significant figures

  - id: 3
    text: Which of them has more parameters?
    options:
      a: {{text: AlexNet, ask: alexnet:total.params}}
      b: {{text: VGG-16, ask: vgg:total.params}}
    pick: largest

  - id: 4
    text: Does a 3×3 filter with stride 3 fit a 7×7 input?
    fits: tiny
""",
    """\
id,name,1a,1b,1c,2,3,4
s1,Ada Example,55x55x96,"614,656",2.46 MB,13,b,no
s2,Bo Example,"(96, 55, 55)","6,656",26.6 kB,14,a,
s3,Cy Example,54x54x96,"614,400","2,457.6 kB",1.36,b,no
""",
    "-answers.csv",
)

_PORTUGUESE = Start(
    """\
# {title}: um exercício para começar. As respostas são calculadas; veja-as com
#   archcalc grade key {file}
# Tudo o que se pode escrever aqui está em docs/grading.md.
title: Parâmetros e memória
numbers: pt-BR                # como a turma escreve os números: pt-BR (1.234,5) ou en (1,234.5)
language: pt-BR               # do gabarito, das devolutivas e dos relatórios: pt-BR ou en

networks:
  alexnet: alexnet            # um nome do catálogo (archcalc list), ou um caminho ao lado deste arquivo
  vgg: {{network: vgg16, set: {{classes: 10}}}}             # com um parâmetro ou a entrada mudados
  tiny: {{input: [1, 7, 7], layers: [{{conv: 1, kernel: 3, stride: 3, name: conv}}]}}   # ou escrita por inteiro

points: 1                     # de cada questão que não diga outra coisa

questions:
  - id: 1a                    # como se chamam as colunas das respostas
    text: Qual é o formato da saída de conv1 na AlexNet?
    ask: alexnet:conv1.output # altura, largura, canais ou canais, altura, largura; as duas ordens valem

  - id: 1b
    text: Quantos parâmetros tem conv2 na AlexNet, contando os vieses (biases)?
    ask: alexnet:conv2.params
    points: 2
    partial: {{bias-forgotten: 1/2}}    # metade dos pontos para um erro conhecido

  - id: 1c
    text: Quantos bytes eles ocupam em float32?
    ask: $1b * 4              # a partir da resposta 1b; vale também se segue de uma resposta errada
    unit: kB                  # uma resposta em KiB ou em bytes é convertida
    tolerance: 1%

  - id: 2
    text: Quantas vezes mais MACs faz a VGG-16 do que a AlexNet?
    ask: vgg:total.macs / alexnet:total.macs
    figures: 2                # certo com dois algarismos significativos

  - id: 3
    text: Qual delas tem mais parâmetros?
    options:
      a: {{text: AlexNet, ask: alexnet:total.params}}
      b: {{text: VGG-16, ask: vgg:total.params}}
    pick: largest

  - id: 4
    text: Um filtro 3×3 com passo (stride) 3 encaixa numa entrada 7×7?
    fits: tiny
""",
    """\
matrícula;nome;1a;1b;1c;2;3;4
a1;Ana Exemplo;55x55x96;614.656;2,46 MB;13;b;não
a2;Beto Exemplo;(96, 55, 55);6.656;26,6 kB;14;a;
a3;Caio Exemplo;54x54x96;614.400;2.457,6 kB;1,36;b;não
""",
    "-respostas.csv",
)

STARTS: Mapping[str, Start] = {"en": _ENGLISH, "pt-BR": _PORTUGUESE}
"""By the code of the language."""
