"""The one route: who it is, whether they may, the answer with its history, all in one transaction."""

import hashlib
import json

import jwt
from django.conf import settings
from django.db import transaction
from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from django_answers.models import Answer, Conversation, IdempotencyKey


def problem(status, code):
    return JsonResponse({"type": f"/problems/{code}", "status": status}, status=status)


@require_http_methods(["PUT"])
def record_answer(request, conversation, question):
    _, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        claims = jwt.decode(token, settings.SECRET_KEY, ["HS256"], audience="answers")
    except jwt.InvalidTokenError:
        return problem(401, "unauthenticated")
    body = json.loads(request.body)
    text = body.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= 20_000:
        return problem(422, "invalid-request")
    person, key = claims["sub"], request.headers.get("Idempotency-Key", "")
    fingerprint = hashlib.sha256(request.path.encode() + request.body).digest()
    with transaction.atomic():
        before = IdempotencyKey.objects.filter(person=person, key=key).first()
        if before is not None:
            same = bytes(before.fingerprint) == fingerprint
            return JsonResponse(before.answer) if same else problem(422, "idempotency-key-reused")
        found = Conversation.objects.filter(pk=conversation, person=person).first()
        if found is None or not found.open:
            return problem(404, "not-found")
        answer = (
            Answer.objects.select_for_update().filter(conversation=found, question=question).first()
        )
        answer = answer or Answer(conversation=found, question=question)
        answer.text = text
        answer.revision += 1
        answer.save()
        told = {"id": answer.pk, "question": question, "revision": answer.revision}
        IdempotencyKey.objects.create(person=person, key=key, fingerprint=fingerprint, answer=told)
    return JsonResponse(told)


urlpatterns = [path("<int:conversation>/answers/<str:question>", record_answer)]
