from django import template

from fifteen.web.said import said

register = template.Library()
register.filter("said", said)
